// Deficit round robin between the clients of one class.
#pragma once

#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "broker/types.hpp"

namespace npu::broker {

// A client may go while its balance is positive; what its work cost on the device is charged to it;
// a client whose balance is used up gets one quantum and goes to the back of the ring. So clients
// with waiting work get equal device time, however many requests they send and whatever one costs.
// A client that leaves in debt and comes back still owes what the others have not made up for
// since; an empty ring forgets all debts. Within a client requests go in the order of their ids.
class FairRing {
 public:
  explicit FairRing(Duration quantum) : quantum_(quantum) {}

  void add(const std::string& client, RequestId request);
  void remove(const std::string& client, RequestId request);
  // Takes out the next request; amortised O(log n), at worst once around the clients.
  std::optional<std::pair<std::string, RequestId>> next();
  void charge(const std::string& client, Duration device_time);

 private:
  struct Client {
    std::set<RequestId> waiting;
    Duration balance{};
    Duration served_when_left{};
    std::string name;
    std::list<Client*>::iterator place;  // valid while `waiting` is not empty
  };

  void rotate();
  void make_somebody_solvent();
  void leave(Client& client);
  void forget_absent_clients();

  Duration quantum_;
  Duration served_{};  // charged to all clients together
  std::map<std::string, Client> clients_;
  std::list<Client*> ring_;  // clients with waiting work
};

}  // namespace npu::broker
