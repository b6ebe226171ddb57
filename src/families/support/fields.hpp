// Reading fields of a client's JSON. A null counts as absent. Errors name the field, what it must
// be and what it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::families {

// nullptr where the field is missing or null.
const boost::json::value* find_field(const boost::json::object& fields, std::string_view name);

// A string, or nullopt if absent.
Result<std::optional<std::string_view>> text_field(const boost::json::object& fields,
                                                   std::string_view name);
// A whole number in [min, max]; 3.0 counts as one.
Result<std::optional<std::int64_t>> integer_field(const boost::json::object& fields,
                                                  std::string_view name, std::int64_t min,
                                                  std::int64_t max);
Result<std::optional<double>> number_field(const boost::json::object& fields, std::string_view name,
                                           double min, double max);

// The same where more than `most` means no more than that: at least min, and cut to most.
Result<std::optional<std::int64_t>> capped_integer_field(const boost::json::object& fields,
                                                         std::string_view name, std::int64_t min,
                                                         std::int64_t most);
Result<std::optional<double>> capped_number_field(const boost::json::object& fields,
                                                  std::string_view name, double min, double most);

// The number in a value, or nullopt if it is none or not finite.
std::optional<double> to_number(const boost::json::value& value);
// As integer_field, for a value that is not a field.
Result<std::int64_t> to_integer(const boost::json::value& value, std::string_view name,
                                std::int64_t min, std::int64_t max);

// The value as JSON for a message, cut to 32 characters.
std::string quote(const boost::json::value& value);

}  // namespace npu::families
