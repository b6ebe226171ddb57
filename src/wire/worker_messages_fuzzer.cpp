// What is taken from either side can be said again, and is then the same message.
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>

#include <boost/json.hpp>

#include "wire/frame.hpp"
#include "wire/worker_messages.hpp"

namespace {

using namespace npu;

void require(bool condition) {
  if (!condition) std::abort();
}

std::span<const std::byte> payload_of(const std::string& frame) {
  return std::as_bytes(std::span(frame)).subspan(wire::kHeaderBytes);
}

std::string again(const wire::ReceivedOrder& message) {
  return wire::encode(message.order, boost::json::serialize(message.json));
}

std::string again(const wire::Report& report) { return wire::encode(report); }

template <class Message>
void say_again(const Message& message, Result<Message> (*decode)(std::span<const std::byte>)) {
  const std::string first = again(message);
  const auto read = decode(payload_of(first));
  require(read.has_value());
  require(again(*read).size() > wire::kHeaderBytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto payload = std::as_bytes(std::span(data, size));
  if (const auto order = wire::decode_order(payload)) {
    say_again<wire::ReceivedOrder>(*order, wire::decode_order);
  } else {
    require(order.error().code == ErrorCode::kMalformed && !order.error().message.empty());
  }
  if (const auto report = wire::decode_report(payload)) {
    say_again<wire::Report>(*report, wire::decode_report);
  } else {
    require(report.error().code == ErrorCode::kMalformed && !report.error().message.empty());
  }
  return 0;
}
