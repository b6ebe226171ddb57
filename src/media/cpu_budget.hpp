// A bound of the processor time of one piece of work, asked for between its steps.
//
// It is the net below limits that are counted beforehand: what a decoder does for a file is known
// only to it, and some files ask for nearly endless work with a few bytes.
#pragma once

#include <chrono>
#include <cstddef>

#include <time.h>

namespace npu::media {

class CpuBudget {
 public:
  // Counts what the calling thread works from now on; the other functions belong to it too.
  explicit CpuBudget(std::chrono::milliseconds limit) : limit_(limit), end_(now() + limit) {}

  // A system call of a quarter of a microsecond.
  bool spent() const { return now() >= end_; }
  std::chrono::milliseconds limit() const { return limit_; }
  std::chrono::nanoseconds used() const { return now() - (end_ - limit_); }

 private:
  static std::chrono::nanoseconds now() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  std::chrono::milliseconds limit_;
  std::chrono::nanoseconds end_;
};

// For readers that are called for a few bytes at a time: looks at the clock every 4 KiB. Once it is
// spent it stays so.
class MeteredBudget {
 public:
  // nullptr: without a bound. `budget` has to outlive it.
  explicit MeteredBudget(const CpuBudget* budget) : budget_(budget) {}

  bool spent_after(std::size_t bytes) {
    bytes_ += bytes;
    if (budget_ == nullptr || spent_ || bytes_ < kStep) return spent_;
    bytes_ = 0;
    return spent_ = budget_->spent();
  }
  bool spent() const { return spent_; }

 private:
  static constexpr std::size_t kStep = 4096;

  const CpuBudget* budget_;
  std::size_t bytes_ = 0;
  bool spent_ = false;
};

}  // namespace npu::media
