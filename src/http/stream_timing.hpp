// When a stream is late, and when it has been quiet for so long that its client should hear
// something. Time is told to it, so that it can be tested. Internal to http/.
#pragma once

#include <algorithm>

#include <npu/result.hpp>

#include "base/clock.hpp"

namespace npu::http {

class StreamTiming {
 public:
  struct Limits {
    SteadyTime first_piece = SteadyTime::max();
    Millis idle{0};           // between two pieces; 0: no limit
    Millis comment_after{0};  // of quiet; 0: never
  };
  enum class Due { kNothing, kComment, kLate };

  StreamTiming(const Limits& limits, SteadyTime now)
      : limits_(limits),
        late_at_(limits.first_piece),
        comment_at_(after(limits.comment_after, now)) {}

  // While a piece is being sent it is the client that is waited for: nothing is due.
  void begin_piece() { sending_ = true; }
  void end_piece(SteadyTime now) {
    sending_ = false;
    late_at_ = after(limits_.idle, now);
    comment_at_ = after(limits_.comment_after, now);
  }
  // A head or a comment, which are no pieces: a body that says nothing is late all the same.
  void sent_aside(SteadyTime now) {
    sending_ = false;
    comment_at_ = after(limits_.comment_after, now);
  }

  Due due(SteadyTime now) const {
    if (sending_) return Due::kNothing;
    if (now >= late_at_) return Due::kLate;
    return now >= comment_at_ ? Due::kComment : Due::kNothing;
  }
  // When to ask again.
  SteadyTime next() const { return sending_ ? SteadyTime::max() : std::min(late_at_, comment_at_); }

 private:
  static SteadyTime after(Millis pause, SteadyTime now) {
    return pause > Millis(0) ? now + pause : SteadyTime::max();
  }

  Limits limits_;
  SteadyTime late_at_;
  SteadyTime comment_at_;
  bool sending_ = false;
};

}  // namespace npu::http
