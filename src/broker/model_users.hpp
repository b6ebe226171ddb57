// Who has used a model since it is there, and how long it stays for them after its last use.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "base/clock.hpp"

namespace npu::broker {

class ModelUsers {
 public:
  // usual: of whoever has said nothing.
  explicit ModelUsers(Duration usual) : usual_(usual), keep_alive_(usual) {}

  // keep_alive: what the user says now; absent leaves what was said before.
  void used_by(std::uint32_t user, std::optional<Duration> keep_alive) {
    std::optional<Duration>& wish = wishes_[user];
    if (keep_alive) wish = keep_alive;
    renew();
  }
  void forget_wish(std::uint32_t user) {
    wishes_[user].reset();
    renew();
  }
  void clear() { *this = ModelUsers(usual_); }

  // The longest that one of them wants.
  Duration keep_alive() const { return keep_alive_; }
  bool any_but(std::uint32_t user) const {
    return std::ranges::any_of(wishes_, [user](const auto& wish) { return wish.first != user; });
  }

 private:
  void renew() {
    keep_alive_ = Duration{};
    for (const auto& [user, wish] : wishes_) {
      keep_alive_ = std::max(keep_alive_, wish.value_or(usual_));
    }
  }

  Duration usual_;
  Duration keep_alive_;
  std::map<std::uint32_t, std::optional<Duration>> wishes_;
};

}  // namespace npu::broker
