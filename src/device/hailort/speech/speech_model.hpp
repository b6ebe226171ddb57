// SpeechModel on a session with the device: long audio in pieces, times of the whole.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "device/device.hpp"
#include "device/hailort/speech/audio_split.hpp"

namespace npu::device::hailort {

class SpeechSession {
 public:
  virtual ~SpeechSession() = default;
  // audio: one piece. Times count from its begin and may lie beyond its end. Blocks until the
  // device has done all of it.
  virtual Result<std::vector<Segment>> transcribe(std::span<const float> audio,
                                                  std::string_view language, SpeechTask task) = 0;
};

std::unique_ptr<SpeechModel> make_speech_model(std::unique_ptr<SpeechSession> session,
                                               const SplitRule& rule = {});

}  // namespace npu::device::hailort
