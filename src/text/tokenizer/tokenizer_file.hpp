// tokenizer.json, as Hugging Face's libraries write it, taken apart.
//
// Vocabulary and merges are hundreds of thousands of values, so they are no JSON values here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include <npu/result.hpp>

namespace npu::text {

// Many short texts in little memory.
class Texts {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

struct TokenizerFile {
  boost::json::value root;  // where model.vocab and model.merges are null
  Texts tokens;
  std::vector<double> numbers;  // of each token: its id, or in a list of pairs its score
  bool scored = false;          // the latter; ids are 0, 1, …
  Texts merges;                 // left, right, left, right …
};

// kMalformed, kTooLarge.
Result<TokenizerFile> read_tokenizer_file(std::string_view json);

}  // namespace npu::text
