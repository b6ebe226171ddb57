// What clients hold of the manager: everything is counted here, for the connection and for the user
// that it belongs to.
//
// One rule for all kinds: a user may have as many as are then still free (base/dynamic_threshold),
// so one alone has half of them, two greedy ones a third each, and there is always something left
// for who comes next. docs/reference/limits.md lists the kinds and what gives way for which.
//
// Event loop's thread only. Clients and holds may outlive the quota.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include <npu/result.hpp>

namespace npu::manager {

enum class Held {
  kConnections,
  kDescriptors,  // sockets, regions, and what was passed and not claimed yet
  kRegions,
  kRegionBytes,
  kSlabs,        // shared memory of the manager's own: tensors on their way in, results
  kBytesIn,      // large messages that are received or not answered yet
  kBytesUnread,  // replies that the client's socket has not taken
};
inline constexpr std::size_t kHeldKinds = 7;

struct ClientLimits {
  static constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();
  struct Limit {
    std::uint64_t together = kNone;       // of all clients; shared by dynamic thresholds
    std::uint64_t of_connection = kNone;  // of each by itself
  };
  std::array<Limit, kHeldKinds> of;

  Limit& operator[](Held what) { return of[static_cast<std::size_t>(what)]; }
  const Limit& operator[](Held what) const { return of[static_cast<std::size_t>(what)]; }
};

class ClientQuota {
 public:
  class Client;
  class Hold;
  struct Amount {
    Held what;
    std::uint64_t n = 1;
  };

  explicit ClientQuota(const ClientLimits& limits);

  // A connection of that user, which holds nothing yet.
  Client client(uid_t user);

  std::uint64_t held(Held what) const;
  std::uint64_t held_by(uid_t user, Held what) const;
  // The most that a user may hold while the others hold what they do.
  std::uint64_t share_of(uid_t user, Held what) const;
  std::uint64_t limit(Held what) const;
  // Who holds most of it; nobody where nobody holds any.
  std::optional<uid_t> greediest(Held what) const;
  // The same, if he holds more than this user, who has all that he may.
  std::optional<uid_t> in_the_way_of(uid_t user, Held what) const;
  // Those who were charged with more than their share and still have more.
  std::vector<uid_t> charged_beyond(Held what);
  bool is_beyond_share(uid_t user, Held what) const {
    return held_by(user, what) > share_of(user, what);
  }

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// What somebody holds, until it is let go of. An empty one holds nothing.
class ClientQuota::Hold {
 public:
  Hold() = default;
  Hold(Hold&& other) noexcept { swap(other); }
  Hold& operator=(Hold&& other) noexcept {
    Hold(std::move(other)).swap(*this);
    return *this;
  }
  ~Hold() { release(); }

  void release();
  // Holds what the other one did as well; both are of one client.
  void merge(Hold other);
  // Holds so many from now on, whatever the limits say.
  void change(Held what, std::uint64_t n);

 private:
  friend class ClientQuota;
  friend class Client;
  struct Account;
  void swap(Hold& other) noexcept;

  std::shared_ptr<Account> account_;
  std::array<std::uint64_t, kHeldKinds> amounts_{};
};

// One connection. Copies are the same client; one that is made by itself is nobody, of whom nothing
// is counted.
class ClientQuota::Client {
 public:
  Client() = default;

  // All of them or none: kQuotaExceeded where this connection or its user would have more than he
  // may, kOverloaded where it is others that have taken everything.
  Result<Hold> take(std::initializer_list<Amount> amounts) const;
  // The same of what cannot be refused any more.
  Hold charge(std::initializer_list<Amount> amounts) const;

  uid_t user() const;
  // By this connection.
  std::uint64_t held(Held what) const;

 private:
  friend class ClientQuota;
  explicit Client(std::shared_ptr<Hold::Account> account) : account_(std::move(account)) {}

  std::shared_ptr<Hold::Account> account_;
};

}  // namespace npu::manager
