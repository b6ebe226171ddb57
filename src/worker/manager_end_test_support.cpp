#include "worker/manager_end_test_support.hpp"

#include <stdexcept>

#include <poll.h>

#include "base/unix_socket.hpp"

namespace npu::worker {
namespace json = boost::json;
namespace {

// Only ever waited for in full where the worker is broken.
constexpr int kPatienceMs = 60000;

}  // namespace

void ManagerEnd::send(const json::value& message, int descriptor) {
  const std::string text = wire::encode_message(message);
  const iovec part{const_cast<char*>(text.data()), text.size()};
  const std::span<const int> fds(&descriptor, descriptor >= 0 ? 1 : 0);
  if (auto ok = send_all(socket_.get(), std::span(&part, 1), fds); !ok) {
    throw std::runtime_error(ok.error().message);
  }
}

void ManagerEnd::send_raw(std::string_view bytes) {
  const iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  if (auto ok = send_all(socket_.get(), std::span(&part, 1)); !ok)
    throw std::runtime_error(ok.error().message);
}

bool ManagerEnd::read_some() {
  pollfd entry{socket_.get(), POLLIN, 0};
  if (::poll(&entry, 1, kPatienceMs) != 1) throw std::runtime_error("the worker says nothing");
  const auto got = npu::receive(socket_.get(), reader_.prepare(), descriptors_);
  if (got.kind != IoResult::Kind::kOk) return false;
  if (auto ok = reader_.commit(got.bytes); !ok) throw std::runtime_error(ok.error().message);
  return true;
}

json::object ManagerEnd::receive() {
  for (;;) {
    if (const auto payload = reader_.next()) {
      auto body = wire::parse_payload(payload->bytes, wire::Layout::kJson).value().body;
      if (body.at("op") != "progress") return body;
      continue;
    }
    if (!read_some()) throw std::runtime_error("the worker closed the link");
  }
}

json::object ManagerEnd::ask(const json::value& message, int descriptor) {
  send(message, descriptor);
  return receive();
}

bool ManagerEnd::at_end() { return !reader_.next() && !read_some(); }

UniqueFd ManagerEnd::take_descriptor() {
  if (descriptors_.empty()) throw std::runtime_error("no descriptor came");
  UniqueFd fd = std::move(descriptors_.front());
  descriptors_.erase(descriptors_.begin());
  return fd;
}

SharedMemory ManagerEnd::region(std::uint64_t number, std::size_t bytes) {
  auto memory = SharedMemory::create(bytes).value();
  send(json::object{{"op", "region"}, {"region", number}, {"size", bytes}}, memory.fd());
  return memory;
}

}  // namespace npu::worker
