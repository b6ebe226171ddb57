// Reads the parts of tokenizer.json: objects with a "type".
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "text/tokenizer/pattern.hpp"

namespace npu::text {

// "" where it is no object with a type.
std::string_view type_of(const boost::json::value& described);

bool flag(const boost::json::object& in, std::string_view name, bool otherwise);
std::string_view text_in(const boost::json::object& in, std::string_view name,
                         std::string_view otherwise = {});
std::int64_t number_in(const boost::json::object& in, std::string_view name,
                       std::int64_t otherwise);

// {"String": "a"} or {"Regex": "a+"}
Result<Pattern> pattern_in(const boost::json::object& in, std::string_view name);
// "the normalizer Foo is not known; …"
tl::unexpected<Error> unknown_part(std::string_view what, const boost::json::value& described);

// The elements of a sequence: of the list `name`, each made with make(). At most 32, nested at most
// 8 deep.
template <class Made, class Make>
Result<std::vector<Made>> each_of(const boost::json::object& in, std::string_view name, Make make) {
  constexpr std::size_t kMost = 32;
  std::vector<Made> made;
  const auto* list = in.if_contains(name);
  if (list == nullptr || !list->is_array() || list->get_array().size() > kMost) {
    return fail(ErrorCode::kMalformed, std::string(name) + " must be a list of at most 32 parts");
  }
  for (const auto& element : list->get_array()) {
    auto part = make(element);
    if (!part) return fail(part.error());
    made.push_back(std::move(*part));
  }
  return made;
}

}  // namespace npu::text
