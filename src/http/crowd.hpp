// The connections of a server, and which of them gives way to another one. Internal to http/.
//
// Two queues for each client, oldest first: `waiting`, of connections that the server does nothing
// for: they are idle, or their request's head is not complete, or they have had their answer; and
// `slow`, of those that hold a place while their request arrives or their answer is read.
#pragma once

#include <cstddef>
#include <list>
#include <unordered_map>

#include "base/clock.hpp"
#include "http/client_key.hpp"

namespace npu::http {

class Connection;

class Crowd {
 public:
  enum class Queue { kNone, kWaiting, kSlow };

  // What the crowd keeps for a connection, which owns it.
  struct Member {
    Connection* connection = nullptr;
    ClientKey client;
    bool in = false;
    Queue queue = Queue::kNone;
    SteadyTime since{};  // in the queue
    std::list<Member*>::iterator all_at{};
    std::list<Member*>::iterator queue_at{};
  };

  void add(Member& member);
  void remove(Member& member);  // not an error where it is gone already
  std::size_t size() const { return all_.size(); }

  // To the end of that queue; out of the one it was in. One that is in the waiting queue already
  // keeps its turn.
  void move(Member& member, Queue queue);

  // The longest waiting connection of the client that has the most of them, one without a request
  // in its socket where there is one; nullptr: none waits.
  Connection* longest_waiting() const;
  // The connection of this client that is in the slow queue longest, of any client if it has none.
  const Member* slowest(ClientKey client) const;

  // Calls fn(Connection&), which may remove that one.
  template <class F>
  void for_each(F fn) {
    for (auto next = all_.begin(); next != all_.end();) fn(*(*next++)->connection);
  }

 private:
  using Members = std::list<Member*>;
  struct Client {
    std::size_t connections = 0;
    Members waiting;
    Members slow;
  };

  void leave_queue(Member& member);

  Members all_;
  std::unordered_map<ClientKey, Client> clients_;
};

}  // namespace npu::http
