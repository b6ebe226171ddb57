#include <chrono>

#include <fmt/format.h>

#include "cli/pull.hpp"

namespace npu::cli {
namespace {

constexpr std::chrono::milliseconds kBetweenLines{100};

using ProgressClock = std::chrono::steady_clock;

}  // namespace

void PullProgress::begin(const std::string& name) {
  name_ = name;
  started_ = false;
  tenth_ = 0;
  width_ = 0;
}

void PullProgress::show(std::uint64_t bytes, std::optional<std::uint64_t> total) {
  if (out_ == nullptr) return;
  const auto now = ProgressClock::now();
  if (!started_) {
    started_ = true;
    since_ = now;
    first_ = bytes;
    shown_ = {};
  }
  const bool whole = total && bytes >= *total;
  const int tenth =
      total && *total > 0
          ? static_cast<int>(static_cast<double>(bytes) * 10 / static_cast<double>(*total))
          : 0;
  if (terminal_ ? now - shown_ < kBetweenLines && !whole : tenth <= tenth_) return;
  shown_ = now;
  tenth_ = tenth;
  std::string text = fmt::format("{}: {}", name_, bytes_text(bytes));
  if (total) text += fmt::format(" of {}, {} %", bytes_text(*total), bytes * 100 / *total);
  const double seconds = std::chrono::duration<double>(now - since_).count();
  if (terminal_ && seconds > 1) {
    const double rate = static_cast<double>(bytes - first_) / seconds;
    text += fmt::format(", {}/s", bytes_text(static_cast<std::uint64_t>(rate)));
  }
  line(text, !terminal_);
}

void PullProgress::retrying(const std::string& why, Millis delay) {
  line(fmt::format("{}: {}; trying again in {:.3g} s", name_, why,
                   static_cast<double>(delay.count()) / 1000),
       true);
}

void PullProgress::end() {
  if (terminal_ && width_ > 0) line("", false);
}

void PullProgress::line(const std::string& text, bool stays) {
  if (out_ == nullptr) return;
  if (terminal_) {
    fmt::print(out_, "\r{:<{}}{}", text, width_, stays ? "\n" : "\r");
    width_ = stays ? 0 : text.size();
  } else {
    fmt::print(out_, "{}\n", text);
  }
  std::fflush(out_);
}

}  // namespace npu::cli
