// What a client may choose, wherever it comes from: the fields of a form, of a JSON object, or the
// parameters of a query.
//
//   Status read(kit::Fields& fields, PoseOptions& options) {
//     fields.number("max_detections", options.max_detections, {.min = 1, .max = 1000});
//     fields.choice("format", options.format, kFormatNames);
//     return fields.status();
//   }
//
// A field that is not there, or null, leaves its target as it is: the default. The first that is
// wrong is told: "max_detections must be a whole number in 1..1000, got -5 (default 100)". Fields
// that nobody asks for are ignored. What the fields of a form or a query are is what their texts
// spell; json/fields.hpp is for objects alone.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "http/multipart.hpp"
#include "http/url_text.hpp"

namespace npu::kit {

struct Range {
  double min = std::numeric_limits<double>::lowest();
  double max = std::numeric_limits<double>::max();
};

class Fields {
 public:
  // What it refers to must outlive it.
  explicit Fields(const http::Multipart& form) : source_(&form) {}
  explicit Fields(const boost::json::object& object) : source_(&object) {}
  explicit Fields(const http::Query& query) : source_(&query) {}

  // Nothing, or what is wrong with the first field that is.
  Status status() const { return status_; }

  void text(std::string_view name, std::string& target);
  // By truth: a text is true if it spells "true", in any case; 0, "", [] and {} are false.
  void flag(std::string_view name, bool& target);
  // JSON numbers, and texts that are one; finite, within the range. Whole ones for a whole target.
  template <class T>
    requires std::integral<T> || std::same_as<T, double>
  void number(std::string_view name, T& target, Range range = {}) {
    constexpr bool kWhole = std::integral<T>;
    const double value = read_number(name, static_cast<double>(target), within<T>(range), kWhole);
    target = static_cast<T>(value);
  }
  // One of the names; the target is an enumeration that counts them.
  template <class Enum>
  void choice(std::string_view name, Enum& target, std::span<const std::string_view> names) {
    target = static_cast<Enum>(read_choice(name, static_cast<std::size_t>(target), names));
  }

  // The field of a JSON object as it is. nullptr where it is absent or null, and for what comes as
  // text: the fields of a form or a query.
  const boost::json::value* value(std::string_view name) const;

 private:
  // A field where it lies: those of a form may be large.
  using Given = std::variant<std::monostate, const boost::json::value*, std::string_view>;
  template <class T>
  static Range within(Range range) {
    if constexpr (std::integral<T>) {  // that a double has exactly
      constexpr double kExact = 9007199254740992.0;
      using Limits = std::numeric_limits<T>;
      range.min = std::max({range.min, -kExact, static_cast<double>(Limits::min())});
      range.max = std::min({range.max, kExact, static_cast<double>(Limits::max())});
    }
    return range;
  }
  double read_number(std::string_view name, double otherwise, Range range, bool whole);
  std::size_t read_choice(std::string_view name, std::size_t otherwise,
                          std::span<const std::string_view> names);
  // Neither absent nor null; a string of a JSON object is a text too.
  Given find(std::string_view name) const;
  void wrong(std::string_view name, std::string_view right, Given given,
             std::string_view otherwise);

  std::variant<const http::Multipart*, const boost::json::object*, const http::Query*> source_;
  Status status_;
};

}  // namespace npu::kit
