// The questions that only a real card answers, as numbers and texts.
#pragma once

#include <span>
#include <string_view>

namespace npu::device::hailort::selftest {

struct CheckInfo {
  int number = 0;  // from 1
  std::string_view title;
  std::string_view question;
  // Options without which it cannot be asked: "hef", "llm", "llm2", "vlm" and "speech" are paths,
  // "reboot" and "ollama" are consent. "any" is any one of the files.
  std::span<const std::string_view> needs;
  int seconds = 0;  // after that it hangs
};

std::span<const CheckInfo> hardware_checks();

}  // namespace npu::device::hailort::selftest
