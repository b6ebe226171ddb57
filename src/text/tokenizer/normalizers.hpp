// What is done to a text before it is split: tokenizer.json's normalizer.
#pragma once

#include <functional>
#include <string>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

namespace npu::text {

// Takes and gives valid UTF-8. kTooLarge, kUnsupported (a pattern that takes too long).
using Normalizer = std::function<Result<std::string>(std::string)>;

// null: nothing is done. kUnsupported names what this does not know, kMalformed what is wrong.
Result<Normalizer> make_normalizer(const boost::json::value& described);

}  // namespace npu::text
