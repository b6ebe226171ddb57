// What was read in a picture.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "media/image.hpp"
#include "vision/quad.hpp"
#include "vision/reading_order.hpp"

namespace npu::ocr {

struct Word {
  std::string text;
  vision::Quad quad;  // in the picture
};

struct Region {
  vision::Quad
      quad;  // in the picture, its first corner the upper left one of the text; may stand out
  std::string text;
  float confidence = 0;
  std::string language;  // whose network has read it
  std::vector<Word> words;
};

struct Page {
  media::Size size;
  std::vector<Region> regions;            // in reading order
  std::vector<vision::ReadBlock> blocks;  // of their indices
  std::int64_t detection_ms = 0;
  std::int64_t recognition_ms = 0;
  std::int64_t total_ms = 0;
};

// Corners rounded to pixels, clipped to the picture.
media::Box pixels_of(const vision::Quad& quad, media::Size picture);

// A line a line, an empty one between blocks.
std::string plain_text(const Page& page);

}  // namespace npu::ocr
