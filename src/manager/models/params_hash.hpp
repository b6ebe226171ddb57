// The part of a model's identity that comes from its parameters.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <boost/json.hpp>

namespace npu::manager {

// JSON text with the keys of every object in order: equal for equal parameters.
std::string canonical_json(const boost::json::value& value);

// SipHash-2-4. With a key that nobody outside knows, nobody can find two texts of one hash.
std::uint64_t siphash(std::string_view text, const std::array<std::uint64_t, 2>& key);

// 16 hexadecimal digits of the canonical text under a key of this process; "" for {}.
std::string params_hash(const boost::json::object& params);

}  // namespace npu::manager
