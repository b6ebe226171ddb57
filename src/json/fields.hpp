// Reads the fields of an object that somebody else wrote.
//
//   json::Fields in(body);
//   const auto size = in.integer("size", 1, 4096).value_or(640);
//   const auto name = in.text("name").value_or("vlm");
//   if (!in.status()) return fail(in.status().error());
//                        // "size must be a whole number in 1..4096, got -5"
//
// A null counts as absent. Each reader gives nothing for a field that is absent or not what it
// should be; status() tells the two apart and keeps the first error. Who is content with what can
// be read, as of a peer that may be newer, does not ask for it: Fields(reply).text("message").
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::json {

class Fields {
 public:
  // The object must outlive this and what it gives. code: of all errors. within: what the object
  // is in its message, written before each name: "output.".
  explicit Fields(const boost::json::object& object, ErrorCode code = ErrorCode::kInvalidArgument,
                  std::string within = {})
      : object_(object), code_(code), within_(std::move(within)) {}

  // "<name> is missing" for the first that is absent.
  Fields& required(std::initializer_list<std::string_view> names);

  // Whatever it is; nullptr where it is absent.
  const boost::json::value* find(std::string_view name) const;

  std::optional<bool> flag(std::string_view name);
  std::optional<std::string_view> text(std::string_view name);
  const boost::json::object* object(std::string_view name);
  const boost::json::array* list(std::string_view name);
  std::optional<double> number(std::string_view name);
  std::optional<double> number(std::string_view name, double min, double max);
  // Whole numbers; 3.0 counts as one.
  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<std::uint64_t> count(std::string_view name);  // not negative

  // At least min; more than `most` means no more than that.
  std::optional<double> capped_number(std::string_view name, double min, double most);
  std::optional<std::int64_t> capped_integer(std::string_view name, std::int64_t min,
                                             std::int64_t most);

  // For who knows more than a kind: "<name> must be <right>, got <what it is>".
  void wrong(std::string_view name, std::string_view right);
  void fail_with(std::string message);

  const Status& status() const { return status_; }

 private:
  template <class T, class Convert>
  T read(std::string_view name, std::string_view right, Convert convert);

  const boost::json::object& object_;
  ErrorCode code_;
  std::string within_;
  Status status_;
};

// The number in a value; nothing if it is none or not finite.
std::optional<double> number_in(const boost::json::value& value);
std::optional<std::int64_t> integer_in(const boost::json::value& value);
std::optional<std::uint64_t> count_in(const boost::json::value& value);

// What a number must be, for a message: "a number", "a whole number in 1..4096", "a number of at
// least 0". A limit that all numbers of the type keep is not named.
std::string kind_of_number(bool whole, double min, double max);
std::string kind_of_number(bool whole, std::int64_t min, std::int64_t max);

// The value for a message: as JSON, cut to 32 bytes, or "an object" or "a list".
std::string quote(const boost::json::value& value);
std::string quote(std::string_view text);

// "<name> must be <right>, got <got>"
std::string must_be(std::string_view name, std::string_view right, std::string_view got);

}  // namespace npu::json
