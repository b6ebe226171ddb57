// Who keeps a model from being evicted: administrators until they say otherwise, others as long as
// the connection lasts by which they asked for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "broker/types.hpp"

namespace npu::broker {

class Pins {
 public:
  void add(const Request& by) {
    if (by.administrator) {
      lasting_ = true;
    } else {
      by_connection_[by.connection] = by.user;
    }
  }
  // Those of the same user, all of them where an administrator says so.
  void take_back(const Request& by) {
    if (by.administrator) return clear();
    std::erase_if(by_connection_, [&](const auto& pin) { return pin.second == by.user; });
  }
  // Whose it was, if that connection had one.
  std::optional<std::uint32_t> end_of(ConnectionId connection) {
    const auto pin = by_connection_.extract(connection);
    return pin ? std::optional(pin.mapped()) : std::nullopt;
  }
  void clear() { *this = {}; }

  bool any() const { return lasting_ || !by_connection_.empty(); }
  bool is_lasting() const { return lasting_; }
  bool is_of(std::uint32_t user) const {
    for (const auto& [connection, holder] : by_connection_) {
      if (holder == user) return true;
    }
    return false;
  }

 private:
  bool lasting_ = false;
  std::map<ConnectionId, std::uint32_t> by_connection_;  // whose it is
};

}  // namespace npu::broker
