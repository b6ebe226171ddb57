// What the loaded networks take and say: from the reply to a load (docs/reference/protocol.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <npu/replies.hpp>
#include <npu/result.hpp>

#include "media/image.hpp"
#include "vision/ctc.hpp"

namespace npu::ocr {

struct Detector {
  media::Size input;  // where sides are free: what was tried at loading
  int step = 0;       // free sides are multiples of it; 0: there is this size only
  int max_side = 0;   // of free ones
};

struct Recogniser {
  std::string name;  // the language that the device manager calls it by
  int height = 0;
  int width = 0;
  int step = 0;       // of a free width; 0: there is this one only
  int max_width = 0;  // of a free one
  vision::Alphabet alphabet;
  std::vector<std::string> reads;  // the languages whose letters it has, its own first
};

struct Networks {
  Detector detector;
  std::vector<Recogniser> recognisers;
  std::optional<media::Size> classifier;  // what that takes, if there is one

  // That of a language; nullptr: none reads it.
  const Recogniser* reader_of(std::string_view language) const;
  // kInvalidArgument where nothing reads one of the languages.
  Status check(const std::vector<std::string>& languages) const;
  // All that can be read, each once.
  std::vector<std::string> languages() const;

  // kUnsupported where a recogniser's classes are not known, or something is no picture.
  static Result<Networks> of(const LoadedModel& model);
};

}  // namespace npu::ocr
