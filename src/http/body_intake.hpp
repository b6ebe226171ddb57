// One request's body on its way in: what it has of the server's memory and disk. Internal to http/.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include <npu/result.hpp>

#include "http/body.hpp"
#include "http/body_spool.hpp"
#include "http/fair_share.hpp"

namespace npu::http {

using boost::asio::awaitable;
struct ServerCore;
class WorkPool;

class BodyIntake {
 public:
  // core outlives it.
  BodyIntake(ServerCore& core, ClientKey client);

  // text: what has arrived and is not yet in the file; it goes there, and text is empty, where it
  // may not stay in memory. Fails with kOverloaded where there are too many bodies, and as
  // BodySpool does.
  awaitable<Status> arrived(std::string& text);
  // All of it; text as above.
  awaitable<Result<Body>> finish(std::string text);
  // For a body that was made of one here: of so many bytes. Fails with kOverloaded.
  Status hold(std::size_t bytes);
  // Gives everything back.
  void drop();

 private:
  bool may_stay(std::size_t bytes);
  awaitable<Status> spill(std::string& text);

  ServerCore& core_;
  FairShare::Part held_;
  FairShare::Part in_memory_;
  BodyFile file_;
};

}  // namespace npu::http
