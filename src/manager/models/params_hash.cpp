#include "manager/models/params_hash.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <random>
#include <vector>

#include <fmt/format.h>

namespace npu::manager {
namespace json = boost::json;
namespace {

void append_canonical(std::string& out, const json::value& value) {
  if (const auto* array = value.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      append_canonical(out, (*array)[i]);
    }
    out += ']';
    return;
  }
  const auto* object = value.if_object();
  if (object == nullptr) {
    out += json::serialize(value);
    return;
  }
  std::vector<const json::key_value_pair*> members;  // not looked up again: keys may collide
  for (const auto& member : *object) members.push_back(&member);
  std::ranges::sort(members, {}, [](const auto* member) { return member->key(); });
  out += '{';
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i > 0) out += ',';
    out += json::serialize(json::string(members[i]->key()));
    out += ':';
    append_canonical(out, members[i]->value());
  }
  out += '}';
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

const std::array<std::uint64_t, 2>& process_key() {
  static const auto key = [] {
    std::random_device random;
    const auto word = [&] { return std::uint64_t{random()} << 32 | random(); };
    return std::array<std::uint64_t, 2>{word(), word()};
  }();
  return key;
}

}  // namespace

std::string canonical_json(const json::value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

std::uint64_t siphash(std::string_view text, const std::array<std::uint64_t, 2>& key) {
  SipState state{key[0] ^ 0x736f6d6570736575, key[1] ^ 0x646f72616e646f6d,
                 key[0] ^ 0x6c7967656e657261, key[1] ^ 0x7465646279746573};
  const std::size_t whole = text.size() / 8 * 8;
  for (std::size_t at = 0; at < whole; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    state.absorb(word);
  }
  std::uint64_t last = std::uint64_t{text.size()} << 56;
  for (std::size_t at = whole; at < text.size(); ++at) {
    last |= std::uint64_t{static_cast<unsigned char>(text[at])} << (8 * (at - whole));
  }
  state.absorb(last);
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::string params_hash(const json::object& params) {
  if (params.empty()) return {};
  return fmt::format("{:016x}", siphash(canonical_json(params), process_key()));
}

}  // namespace npu::manager
