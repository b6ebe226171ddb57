// Messages that the tests of the worker program send, and the profile that they run on.
#pragma once

#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/tensor.hpp>

namespace npu::worker {

inline boost::json::object load_message(int job, std::string_view key, std::string_view type,
                                        std::string_view path) {
  return {{"op", "load"},
          {"job", job},
          {"model", key},
          {"type", type},
          {"path", path},
          {"params", boost::json::object{}},
          {"files", boost::json::array{boost::json::object{{"path", path}}}}};
}

inline boost::json::object infer_message(int job, std::string_view key, boost::json::object input) {
  return {{"op", "infer"},
          {"job", job},
          {"model", key},
          {"input", std::move(input)},
          {"stream", false}};
}

inline std::string code_of(const boost::json::object& message) {
  if (!message.contains("error")) return "no error";
  return std::string(message.at("error").at("code").as_string());
}

inline constexpr const char* kProfile = R"(
name: test
memory_mb: 1000
group_release: true
models:
  depth_mean:
    kind: tensor
    size_mb: 10
    inputs: [{dtype: uint8, shape: [256, 320, 3]}]
    outputs: [{dtype: float32, shape: [256, 320, 1], fill: 5}]
  talker:
    kind: text
    size_mb: 20
    end_text: "<|im_end|>"
    script: [one two three]
  endless:
    kind: text
    size_mb: 20
    first_token_ms: 1
    tokens_per_second: 0.001
    script: [one two]
  ear: {kind: speech, size_mb: 5, script: [hello]}
)";

}  // namespace npu::worker
