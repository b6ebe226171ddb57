// One language model on the device, as HailoRT offers it: LLM and VLM made alike, without the types
// of HailoRT, so that what is built on it is tested without a device.
//
//   start(settings, prompt, frames)          one at a time
//   while (progress() == kGenerating) read(timeout)
//   finish()                                 before anything else is asked
//
// Not thread safe. Every call but read() may block as long as the device works: for a step of the
// decoder, or for a whole prefill.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>
#include <npu/tensor.hpp>

#include "base/clock.hpp"
#include "device/hailort/generation/text_params.hpp"

namespace npu::device::hailort {

struct TextFacts {
  std::optional<TensorSpec> frame;
  int max_frames = 0;
  std::string chat_template;
  int context_length = 0;
  GeneratorSettings defaults;
  // The text that the device puts after an answer that was cut short, and how many tokens it is.
  std::string recovery;
  int recovery_tokens = 0;
  std::vector<std::string> stop_texts;
  // The device keeps the tokens at the end of an answer that are not in the cache yet (the last one
  // and the recovery) and puts them before the next prompt. Not for a VLM, where they are lost.
  bool keeps_tail = true;
};

enum class Progress { kGenerating, kEndOfText, kMaxTokens, kAborted };

class TextSession {
 public:
  virtual ~TextSession() = default;
  virtual const TextFacts& facts() const = 0;

  // The prompt goes to the device as it is. After a failure finish() is still due.
  virtual Status start(const GeneratorSettings& settings, const std::string& prompt,
                       std::span<const TensorView> frames) = 0;
  // The text of the next token, often empty; none when it did not come in time. After an error the
  // generation is broken, and progress() may say kGenerating for ever.
  virtual Result<std::optional<std::string>> read(Millis timeout) = 0;
  virtual Progress progress() const = 0;
  // Returns when the device has stopped; what it said until then is still to be read. Nothing
  // happens where nothing runs.
  virtual Status abort() = 0;
  virtual void finish() = 0;

  virtual Result<int> count_tokens(const std::string& text) = 0;
  virtual Result<int> context_use() = 0;
  virtual Status clear_context() = 0;
  virtual Result<std::vector<std::byte>> save_context() = 0;
  // kInvalidArgument where the bytes are not a context of this model.
  virtual Status load_context(std::span<const std::byte> context) = 0;

  // Whether the device answers, asked on another connection, with a deadline.
  virtual bool device_answers() = 0;
  // Asks something small during a generation, for at most this long. False: the device is in the
  // middle of a step; true: it is between two, or does nothing.
  virtual Result<bool> answers_within(Duration time) = 0;
  // The device is lost: nothing is asked of it any more, and destruction leaves it alone.
  virtual void give_up(std::string_view why) = 0;
};

}  // namespace npu::device::hailort
