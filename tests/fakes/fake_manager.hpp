// A device manager that does exactly what a test scripts: for tests of clients.
//
//   FakeManager manager({.granted = {"shm", "tail"}});
//   manager.expect([](FakeConnection& peer) {
//     peer.greet();                              // hello
//     auto request = *peer.next();               // whatever comes
//     peer.reply(request, {{"result", 1}});
//   });                                          // the end of the script closes the connection
//   client.connect_to(manager.path());
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/json.hpp>

#include "base/unique_fd.hpp"
#include "tensor/shared_memory.hpp"
#include "wire/frame.hpp"

namespace npu::fakes {

struct FakeOptions {
  std::vector<std::string> granted;
  bool knows_hello = true;  // false: a manager of protocol version 1
  std::size_t max_in_flight = 64;
  std::size_t max_regions = 64;
  std::size_t max_message_bytes = std::size_t{64} << 20;
};

struct FakeRequest {
  boost::json::object body;
  wire::Buffer payload;
  std::span<const std::byte> tail;
  std::vector<UniqueFd> fds;

  std::string action() const;
};

// One accepted connection, driven by its script on the manager's thread, blocking.
class FakeConnection {
 public:
  FakeConnection(UniqueFd socket, const FakeOptions& options);

  // The next request; nullopt at the end of the connection.
  std::optional<FakeRequest> next();
  // Takes one hello and answers it as the options say.
  void greet();
  // Answers a hello that was taken already.
  void grant(const FakeRequest& hello);
  // Answers everything: hello, shm_register, and the rest by `handler`, until the client leaves.
  void serve(const std::function<void(FakeConnection&, const FakeRequest&)>& handler);

  // Success replies and failures, with the request's id.
  void reply(const FakeRequest& to, boost::json::object fields = {},
             std::span<const std::byte> tail = {});
  void refuse(const FakeRequest& to, std::string_view code, std::string_view text);
  void event(const FakeRequest& to, boost::json::object event);
  // Answers an infer with its tensor `input_data.input`, in the place that the request names.
  void echo(const FakeRequest& to);
  void accept_region(FakeRequest& request);

  void send_message(const boost::json::object& body, std::span<const std::byte> tail = {});
  void send_bytes(std::string_view bytes);
  // Receives `bytes` bytes and no more, then stops reading.
  void read_only(std::size_t bytes);

  // The bytes of a tensor in a request, wherever they are.
  std::vector<std::byte> tensor(const FakeRequest& request, const boost::json::value& value) const;
  std::span<std::byte> region(std::int64_t number) { return regions_.at(number).bytes(); }
  std::size_t region_count() const { return regions_.size(); }
  wire::Layout layout() const { return layout_; }
  int socket() const { return socket_.get(); }

 private:
  UniqueFd socket_;
  const FakeOptions options_;
  wire::FrameReader reader_;
  wire::Layout layout_ = wire::Layout::kJson;
  std::vector<UniqueFd> fds_;
  std::map<std::int64_t, SharedMemory> regions_;
};

// Listens on a socket in a directory of its own. Each accepted connection runs the next script;
// without one it is closed. Destruction ends all connections.
class FakeManager {
 public:
  using Script = std::function<void(FakeConnection&)>;

  explicit FakeManager(FakeOptions options = {});
  ~FakeManager();
  FakeManager(const FakeManager&) = delete;
  FakeManager& operator=(const FakeManager&) = delete;

  std::string path() const { return directory_ / "device.sock"; }
  FakeManager& expect(Script script);
  // The same script for this and every further connection.
  void always(Script script);

  // Between these two nobody listens.
  void stop();
  void start();

  int connections() const;

 private:
  void run(int listener);

  const FakeOptions options_;
  std::filesystem::path directory_;
  UniqueFd listener_;
  mutable std::mutex mutex_;
  std::deque<Script> scripts_;
  Script otherwise_;
  int current_ = -1;  // socket of the running connection
  int connections_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace npu::fakes
