#include "text/tokenizer/tokenizer_file.hpp"

#include <algorithm>
#include <array>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include "text/tokenizer/vocabulary.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;
using Code = boost::system::error_code;

constexpr std::size_t kMostValues = 1'000'000;  // beside vocabulary and merges
constexpr std::size_t kMostMembers = 4096;      // of an object that is none of them
constexpr std::size_t kMostMerges = 4 << 20;
constexpr std::size_t kMostTokenBytes = 4096;
constexpr std::size_t kMostFile = std::size_t{256} << 20;
constexpr std::size_t kDeepest = 32;

enum class Part { kOther, kVocabulary, kMerges };

// What basic_parser tells what it reads; the names are its.
class Handler {
 public:
  static constexpr std::size_t max_object_size = Vocabulary::kMostTokens;
  static constexpr std::size_t max_array_size = kMostMerges;
  static constexpr std::size_t max_key_size = kMostTokenBytes;
  static constexpr std::size_t max_string_size = bj::string::max_size();

  bool on_document_begin(Code&) {
    stack_.reset();
    return true;
  }
  bool on_document_end(Code&) { return true; }

  bool on_object_begin(Code& code) { return open(code); }
  bool on_array_begin(Code& code) {
    if (part_ == Part::kVocabulary && depth_ == kPartDepth) file_.scored = true;
    texts_ = 0;
    has_number_ = false;
    return open(code);
  }
  bool on_object_end(std::size_t members, Code& code) {
    --depth_;
    if (part_ != Part::kOther) return closed(code);
    if (members > kMostMembers) {
      return refuse(code, ErrorCode::kTooLarge,
                    fmt::format("an object of more than {} members", kMostMembers));
    }
    stack_.push_object(members);
    return true;
  }
  bool on_array_end(std::size_t elements, Code& code) {
    --depth_;
    if (part_ != Part::kOther) return closed(code);
    stack_.push_array(elements);
    return true;
  }

  bool on_key_part(std::string_view part, std::size_t, Code&) {
    key_ += part;
    return true;
  }
  bool on_key(std::string_view rest, std::size_t, Code& code) {
    key_ += rest;
    const std::string key = std::exchange(key_, {});
    if (part_ != Part::kOther) return take_text(key, code);
    if (depth_ == 1) in_model_ = key == "model";
    if (depth_ == kPartDepth && in_model_) {
      part_ = key == "vocab" ? Part::kVocabulary : key == "merges" ? Part::kMerges : Part::kOther;
    }
    stack_.push_key(key);
    return true;
  }
  bool on_string_part(std::string_view part, std::size_t, Code&) {
    string_ += part;
    return true;
  }
  bool on_string(std::string_view rest, std::size_t, Code& code) {
    string_ += rest;
    const std::string text = std::exchange(string_, {});
    if (part_ != Part::kOther) return take_text(text, code) && closed(code);
    stack_.push_string(text);
    return count(code);
  }

  bool on_number_part(std::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, Code& code) {
    if (part_ != Part::kOther) return take_number(static_cast<double>(number), code);
    stack_.push_int64(number);
    return count(code);
  }
  bool on_uint64(std::uint64_t number, std::string_view, Code& code) {
    if (part_ != Part::kOther) return take_number(static_cast<double>(number), code);
    stack_.push_uint64(number);
    return count(code);
  }
  bool on_double(double number, std::string_view, Code& code) {
    if (part_ != Part::kOther) return take_number(number, code);
    stack_.push_double(number);
    return count(code);
  }
  bool on_bool(bool value, Code& code) {
    if (part_ != Part::kOther) return wrong(code);
    stack_.push_bool(value);
    return count(code);
  }
  bool on_null(Code& code) {
    if (part_ != Part::kOther && depth_ > kPartDepth) return wrong(code);
    part_ = Part::kOther;
    stack_.push_null();
    return count(code);
  }
  bool on_comment_part(std::string_view, Code&) { return true; }
  bool on_comment(std::string_view, Code&) { return true; }

  const Status& status() const { return status_; }
  TokenizerFile release() {
    file_.root = stack_.release();
    return std::move(file_);
  }

 private:
  static constexpr std::size_t kPartDepth = 2;  // of model's members

  bool open(Code& code) {
    ++depth_;
    return part_ != Part::kOther || count(code);
  }

  // A value of vocabulary or merges is complete, perhaps the whole of it.
  bool closed(Code& code) {
    if (depth_ > kPartDepth + 1) return true;
    if (part_ == Part::kMerges && depth_ == kPartDepth + 1) {
      return (texts_ == 2 && std::exchange(texts_, 0) == 2) || wrong(code);
    }
    if (part_ == Part::kVocabulary && depth_ == kPartDepth + 1) {
      return (texts_ == 1 && std::exchange(has_number_, false) && std::exchange(texts_, 0) == 1) ||
             wrong(code);
    }
    part_ = Part::kOther;
    stack_.push_null();
    return count(code);
  }

  bool take_text(std::string_view text, Code& code) {
    if (depth_ <= kPartDepth || text.size() > kMostTokenBytes) return wrong(code);
    if (part_ == Part::kVocabulary) {
      file_.tokens.add(text);
      ++texts_;
      return texts_ == 1 || wrong(code);
    }
    if (depth_ == kPartDepth + 2) {
      file_.merges.add(text);
      ++texts_;
      return true;
    }
    const auto gap = text.find(' ');
    if (gap == std::string_view::npos || text.find(' ', gap + 1) != std::string_view::npos) {
      return wrong(code);
    }
    file_.merges.add(text.substr(0, gap));
    file_.merges.add(text.substr(gap + 1));
    texts_ = 2;
    return true;
  }

  bool take_number(double number, Code& code) {
    if (part_ != Part::kVocabulary || texts_ != 1 || has_number_) return wrong(code);
    file_.numbers.push_back(number);
    has_number_ = true;
    if (file_.scored) return true;
    return depth_ == kPartDepth + 1 ? closed(code) : wrong(code);
  }

  bool count(Code& code) {
    if (++values_ <= kMostValues) return true;
    return refuse(code, ErrorCode::kTooLarge, fmt::format("more than {} values", kMostValues));
  }

  bool wrong(Code& code) {
    return refuse(
        code, ErrorCode::kMalformed,
        part_ == Part::kVocabulary
            ? fmt::format("model.vocab must be ids by token, or a list of [token, score]; "
                          "token {} is neither",
                          file_.tokens.size())
            : fmt::format("model.merges must be a list of \"left right\" or of [left, "
                          "right]; merge {} is neither",
                          file_.merges.size() / 2));
  }

  bool refuse(Code& code, ErrorCode why, std::string message) {
    status_ = fail(why, std::move(message));
    code = bj::error::exception;
    return false;
  }

  bj::value_stack stack_;
  TokenizerFile file_;
  std::string key_;
  std::string string_;
  std::size_t depth_ = 0;
  bool in_model_ = false;
  Part part_ = Part::kOther;
  std::size_t texts_ = 0;  // of the token or merge that is being read
  bool has_number_ = false;
  std::size_t values_ = 0;
  Status status_;
};

}  // namespace

Result<TokenizerFile> read_tokenizer_file(std::string_view json) {
  if (json.size() > kMostFile) {
    return fail(ErrorCode::kTooLarge, fmt::format("more than {} bytes", kMostFile));
  }
  bj::parse_options options;
  options.max_depth = kDeepest;
  bj::basic_parser<Handler> parser(options);
  Code code;
  const std::size_t read = parser.write_some(false, json.data(), json.size(), code);
  Handler& handler = parser.handler();
  if (!handler.status()) return fail(handler.status().error());
  if (!code && json.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
    code = bj::error::extra_data;
  }
  if (code) return fail(ErrorCode::kMalformed, fmt::format("{} at byte {}", code.message(), read));
  return handler.release();
}

}  // namespace npu::text
