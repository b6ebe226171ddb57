// What the tests of both clients share.
#pragma once

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include <npu/client_types.hpp>

#include "fakes/fake_manager.hpp"

namespace npu {

inline const std::vector<std::string> kAll{"shm", "tail", "stream", "pipeline", "cancel"};
inline const ModelRef kModel{"/models/a.hef", "depth"};

inline ClientOptions options_for(const fakes::FakeManager& manager, Millis patience = Millis{0}) {
  return {.socket_path = manager.path(), .name = "test", .connect_patience = patience};
}

inline void echo(fakes::FakeConnection& peer, const fakes::FakeRequest& request) {
  peer.echo(request);
}
inline void ok(fakes::FakeConnection& peer, const fakes::FakeRequest& request) {
  peer.reply(request);
}

// A uint8 vector of this size whose bytes differ from each other.
template <class Client>
ClientTensor counting(Client& client, std::int64_t size) {
  auto tensor = *client.allocate(DType::kUint8, {size});
  const auto bytes = tensor.writable();
  std::byte* at = bytes.data();  // unchecked: megabytes of them, under sanitizers too
  for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = static_cast<std::byte>(i * 7);
  return tensor;
}

inline bool same_bytes(const ClientTensor& a, const ClientTensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && a.bytes().size() == b.bytes().size() &&
         std::memcmp(a.bytes().data(), b.bytes().data(), a.bytes().size()) == 0;
}

}  // namespace npu
