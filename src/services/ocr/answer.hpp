// What was read, as clients want it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "media/image.hpp"
#include "services/ocr/ocr_options.hpp"
#include "services/ocr/page.hpp"

namespace npu::ocr {

// Which networks have read it, in the words of answers.
struct ReadBy {
  std::string device;
  std::string detection;
  std::string recognition;
};

// The languages that the page's letters are of: zh where there are Chinese ones, en where there are
// Latin ones; where there are neither, that of the network that read it. Empty without text.
std::vector<std::string> languages_of(const Page& page);

// {"success", "text", "regions", "languages_detected", "statistics", "performance", "hailo_info"},
// as the Python project has it; regions also have "polygon", "block" and "line".
std::string extract_text(const Page& page, const ReadBy& by);

// [{"text", "x", "y", "width", "height"}]: what stands where, alone.
std::string plain_list(const Page& page);

// A page in this format, and what the format is called.
std::string document(const Page& page, Format format, const ReadBy& by);
std::string_view content_type(Format format);

// Around each region a line, and above it what was read, as far as ASCII has it.
void draw_on(media::Image& picture, const Page& page);

}  // namespace npu::ocr
