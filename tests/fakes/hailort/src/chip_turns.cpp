// Waiting: for a time, and for a turn on the core.
#include <algorithm>
#include <climits>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "chip_access.hpp"

namespace hailo_fake {

using npu::SteadyTime;
using std::chrono::steady_clock;

void Chip::wait_for_bell(std::uint32_t seen, SteadyTime until) {
  const auto since_epoch = until.time_since_epoch();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since_epoch);
  const timespec when{.tv_sec = static_cast<time_t>(seconds.count()),
                      .tv_nsec = std::chrono::nanoseconds(since_epoch - seconds).count()};
  // Not FUTEX_PRIVATE: other processes ring as well.
  ::syscall(SYS_futex, &area_->bell, FUTEX_WAIT_BITSET, seen, &when, nullptr,
            FUTEX_BITSET_MATCH_ANY);
}

void Chip::ring() {
  ++area_->bell;
  ::syscall(SYS_futex, &area_->bell, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

Chip::Wake Chip::sleep_until(SteadyTime when, Session session, const Stop& stop) {
  for (;;) {
    const std::uint32_t seen = area_->bell;
    if (area_->restarts != session) return Wake::kRestarted;
    if (stop && stop()) return Wake::kStopped;
    if (steady_clock::now() >= when) return Wake::kTime;
    wait_for_bell(seen, when);
  }
}

int Chip::add_runner() {
  const Access access(*this);
  for (int i = 0; auto& runner : area_->runners) {
    if (runner.owner == 0 || !state_->alive(runner.owner - 1)) {
      runner = {.owner = static_cast<std::uint32_t>(state_->slot() + 1)};
      return i;
    }
    ++i;
  }
  return -1;
}

void Chip::remove_runner(int runner, Session session) {
  {
    const Access access(*this);
    if (session != area_->restarts) return;
    area_->runners[runner] = {};
  }
  ring();
}

void Chip::update_runner(int runner, int priority, Session session,
                         const std::function<bool()>& update) {
  {
    const Access access(*this);
    const bool ready = update();
    if (session != area_->restarts) return;
    auto& entry = area_->runners[runner];
    entry.priority = static_cast<std::uint32_t>(priority);
    if (ready && entry.ticket == 0) {
      entry.ticket = ++area_->last_ticket;
      entry.since = ticks(steady_clock::now());
    } else if (!ready) {
      entry.ticket = 0;
    }
  }
  ring();
}

bool Chip::is_next(int runner) {
  const auto& mine = area_->runners[runner];
  return std::ranges::none_of(area_->runners, [&](const ChipArea::Runner& other) {
    if (&other == &mine || other.ticket == 0) return false;
    const bool first = other.priority != mine.priority ? other.priority > mine.priority
                                                       : other.ticket < mine.ticket;
    return first && other.owner != 0 && state_->alive(other.owner - 1);
  });
}

Chip::Wake Chip::take_turn(int runner, Session session, const Stop& stop,
                           const std::function<Turn()>& begin) {
  SteadyTime end{};
  for (;;) {
    const std::uint32_t seen = area_->bell;
    SteadyTime look_again{};
    {
      const Access access(*this);
      if (area_->restarts != session) return Wake::kRestarted;
      auto& entry = area_->runners[runner];
      if (stop && stop()) {
        entry.ticket = 0;
        return Wake::kStopped;
      }
      const SteadyTime now = steady_clock::now();
      if (ticks(now) >= area_->busy_until && is_next(runner)) {
        const Turn turn = begin();
        // A runner that was there when the core became free begins at that moment, however late
        // this thread woke.
        const SteadyTime start = std::min(now, time_of(std::max(area_->busy_until, entry.since)));
        end = start + turn.time;
        area_->busy_until = ticks(end);
        entry.ticket = turn.again ? ++area_->last_ticket : 0;
        entry.since = ticks(now);
        break;
      }
      look_again = ticks(now) < area_->busy_until ? time_of(area_->busy_until) : now + kDeathCheck;
    }
    wait_for_bell(seen, look_again);
  }
  ring();
  return sleep_until(end, session, stop);
}

}  // namespace hailo_fake
