// A call as the caller stated it, independent of any connection.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include <npu/client_types.hpp>

#include "base/clock.hpp"

namespace npu::client {

// The time after a wait that the caller asks for. More than a day counts as a day, so that
// Millis::max() is long and not an overflow.
inline SteadyTime from_now(Millis wait) {
  return SteadyTime::clock::now() + std::clamp<Millis>(wait, Millis{0}, std::chrono::hours(24));
}

struct Request {
  std::string action;
  std::optional<ModelRef> model;
  std::optional<InferInput> input;
  CallOptions options;
  bool stream = false;

  // May be sent again although the manager may have acted on it already.
  bool repeatable() const { return action != "infer"; }
};

inline Request simple_request(std::string action, CallOptions options) {
  return {std::move(action), std::nullopt, std::nullopt, std::move(options), false};
}
inline Request model_request(std::string action, ModelRef model, CallOptions options) {
  return {std::move(action), std::move(model), std::nullopt, std::move(options), false};
}
inline Request infer_request(ModelRef model, InferInput input, CallOptions options, bool stream) {
  return {"infer", std::move(model), std::move(input), std::move(options), stream};
}

// How much room the results of each model took so far.
class OutputSizes {
 public:
  // 0 where nothing is known.
  std::size_t expected(const ModelRef& model) const {
    const auto found = sizes_.find(key_of(model));
    return found != sizes_.end() ? found->second : 0;
  }
  void learn(const ModelRef& model, std::size_t bytes) {
    if (bytes == 0) return;
    if (sizes_.size() >= kMaxModels) sizes_.clear();
    auto& size = sizes_[key_of(model)];
    size = std::max(size, bytes);
  }

 private:
  static constexpr std::size_t kMaxModels = 256;
  static std::string key_of(const ModelRef& model) { return model.type + ':' + model.path; }

  std::unordered_map<std::string, std::size_t> sizes_;
};

}  // namespace npu::client
