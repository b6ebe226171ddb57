#include "store/hef_message_reader.hpp"

#include <utility>

#include <fmt/format.h>

namespace npu::store::hef {
namespace {

constexpr std::size_t kLongestName = 512;
constexpr int kDeepest = 32;  // messages in messages; whole ones need half of it

}  // namespace

void MessageReader::refuse(std::string why) {
  if (wrong_.empty()) wrong_ = std::move(why);
}

void MessageReader::refuse_damaged() { refuse("its description is damaged"); }

bool MessageReader::enter() {
  if (depth_ == kDeepest) refuse("its description is nested too deeply");
  if (!wrong_.empty()) return false;
  ++depth_;
  return true;
}

bool MessageReader::take(std::size_t& left, const char* what) {
  if (left == 0) refuse(fmt::format("its description holds more {} than any model has", what));
  if (!wrong_.empty()) return false;
  --left;
  return true;
}

bool MessageReader::take_item() { return take(items_left_, "parts"); }

void MessageReader::name(std::string& out, const Field& field) {
  if (field.bytes.size() > kLongestName) {
    return refuse(fmt::format("a name in its description has {} bytes, more than {}",
                              field.bytes.size(), kLongestName));
  }
  out = field.text();
}

void MessageReader::add_name(std::vector<std::string>& list, const Field& field) {
  if (take_item()) name(list.emplace_back(), field);
}

void MessageReader::add_number(std::vector<double>& out, double number) {
  if (take(numbers_left_, "numbers")) out.push_back(number);
}

void MessageReader::numbers(std::vector<double>& out, const Field& field, Numbers type) {
  switch (field.type) {
    case WireType::kVarint: return add_number(out, static_cast<double>(field.value));
    case WireType::kFixed32: return add_number(out, field.as_float());
    case WireType::kFixed64: return add_number(out, field.as_double());
    case WireType::kBytes: break;
  }
  ProtobufReader packed(field.bytes);
  const auto next = [&]() -> std::optional<double> {
    switch (type) {
      case Numbers::kWhole: return packed.next_varint();
      case Numbers::kFloat: return packed.next_float();
      case Numbers::kDouble: return packed.next_double();
    }
    return std::nullopt;
  };
  while (wrong_.empty()) {
    const auto number = next();
    if (!number) break;
    add_number(out, *number);
  }
  if (packed.damaged()) refuse_damaged();
}

}  // namespace npu::store::hef
