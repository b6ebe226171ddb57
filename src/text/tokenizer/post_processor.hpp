// What a model wants before and behind a text: tokenizer.json's post_processor.
#pragma once

#include <vector>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {

struct Surroundings {
  std::vector<TokenId> before;
  std::vector<TokenId> behind;
};

// Of a single text. kUnsupported names what this does not know.
Result<Surroundings> make_surroundings(const boost::json::value& described);

}  // namespace npu::text
