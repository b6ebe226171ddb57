#include "json/parse.hpp"

#include <cmath>
#include <string>
#include <utility>

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include "json/mend.hpp"

namespace npu::json {
namespace {

namespace bj = boost::json;
using Code = boost::system::error_code;

constexpr std::size_t kLookForStop = 4096;  // values
// What the parser keeps of values that are not complete; small texts take no other memory for it.
constexpr std::size_t kScratchBytes = 2048;

// The string that is not kept.
struct Apart {
  std::string_view name;
  StringSink* sink = nullptr;  // nullptr: there is none
};

// What basic_parser tells what it reads; the names are its.
class Builder {
 public:
  static constexpr std::size_t max_object_size = kMaxMembers;
  static constexpr std::size_t max_array_size = bj::array::max_size();
  static constexpr std::size_t max_key_size = kMaxKeyBytes;
  static constexpr std::size_t max_string_size = bj::string::max_size();

  Builder(const Limits& limits, const Apart& apart, const std::stop_token& stop,
          bj::storage_ptr memory)
      : stack_({}, scratch_, sizeof(scratch_)),
        memory_(std::move(memory)),
        limits_(limits),
        apart_(apart),
        stop_(stop) {}

  bool on_document_begin(Code&) {
    stack_.reset(memory_);
    return true;
  }
  bool on_document_end(Code&) { return true; }
  bool on_object_begin(Code& code) {
    ++depth_;
    return count(code);
  }
  bool on_object_end(std::size_t members, Code& code) {
    --depth_;
    if (members > kFewMembers) squares_ += members * members;
    if (squares_ > kMaxMembers * kMaxMembers) {
      return refuse(code, {ErrorCode::kTooLarge,
                           fmt::format("too many objects of more than {} members", kFewMembers)});
    }
    stack_.push_object(members);
    return true;
  }
  bool on_array_begin(Code& code) {
    ++depth_;
    return count(code);
  }
  bool on_array_end(std::size_t elements, Code&) {
    --depth_;
    stack_.push_array(elements);
    return true;
  }
  bool on_key_part(std::string_view part, std::size_t, Code& code) {
    if (apart_.sink != nullptr) key_ += part;
    stack_.push_chars(part);
    return count_text(part, code);
  }
  bool on_key(std::string_view rest, std::size_t, Code& code) {
    if (apart_.sink != nullptr) {
      key_ += rest;
      is_apart_ = depth_ == 1 && key_ == apart_.name;
      key_.clear();
    }
    stack_.push_key(rest);
    return count_text(rest, code);
  }
  bool on_string_part(std::string_view part, std::size_t, Code& code) {
    if (is_apart_) {
      give_away(part);
      return true;
    }
    stack_.push_chars(part);
    return count_text(part, code);
  }
  bool on_string(std::string_view rest, std::size_t, Code& code) {
    if (is_apart_) {
      give_away(rest);
      given_away_ = false;
      rest = {};
    }
    stack_.push_string(rest);
    return count_text(rest, code) && count(code);
  }
  bool on_number_part(std::string_view, Code&) { return true; }
  bool on_int64(std::int64_t number, std::string_view, Code& code) {
    stack_.push_int64(number);
    return count(code);
  }
  bool on_uint64(std::uint64_t number, std::string_view, Code& code) {
    stack_.push_uint64(number);
    return count(code);
  }
  bool on_double(double number, std::string_view, Code& code) {
    finite_ = finite_ && std::isfinite(number);
    stack_.push_double(std::isfinite(number) ? number : 0);
    return count(code);
  }
  bool on_bool(bool value, Code& code) {
    stack_.push_bool(value);
    return count(code);
  }
  bool on_null(Code& code) {
    stack_.push_null();
    return count(code);
  }
  bool on_comment_part(std::string_view, Code&) { return true; }
  bool on_comment(std::string_view, Code&) { return true; }

  const Status& status() const { return status_; }
  bool finite() const { return finite_; }
  bj::value release() { return stack_.release(); }

 private:
  void give_away(std::string_view piece) {
    if (!std::exchange(given_away_, true)) apart_.sink->begin();
    apart_.sink->add(piece);
  }

  bool count_text(std::string_view text, Code& code) {
    text_bytes_ += text.size();
    if (text_bytes_ <= limits_.text_bytes) return true;
    return refuse(code, {ErrorCode::kTooLarge,
                         fmt::format("more than {} bytes of strings", limits_.text_bytes)});
  }

  bool count(Code& code) {
    is_apart_ = false;  // that was said of this value
    if (++values_ > limits_.values) {
      return refuse(
          code, {ErrorCode::kTooLarge, fmt::format("more than {} JSON values", limits_.values)});
    }
    if (values_ % kLookForStop == 0 && stop_.stop_requested()) {
      return refuse(code, {ErrorCode::kCancelled, "stopped"});
    }
    return true;
  }

  bool refuse(Code& code, Error why) {
    status_ = fail(std::move(why));
    code = bj::error::exception;
    return false;
  }

  alignas(bj::value) unsigned char scratch_[kScratchBytes];  // before the stack that begins there
  bj::value_stack stack_;
  bj::storage_ptr memory_;
  const Limits& limits_;
  const Apart& apart_;
  const std::stop_token& stop_;
  std::string key_;  // what has been read of it; kept where there may be one to give away
  std::size_t depth_ = 0;
  bool is_apart_ = false;    // the value that comes is the one to give away
  bool given_away_ = false;  // a part of it was
  std::size_t text_bytes_ = 0;
  std::size_t values_ = 0;
  std::size_t squares_ = 0;
  bool finite_ = true;
  Status status_;
};

Error error_of(const Code& code, std::size_t at, const Limits& limits) {
  if (code == bj::error::object_too_large) {
    return {ErrorCode::kTooLarge, fmt::format("an object of more than {} members", kMaxMembers)};
  }
  if (code == bj::error::key_too_large) {
    return {ErrorCode::kTooLarge, fmt::format("a key of more than {} bytes", kMaxKeyBytes)};
  }
  if (code == bj::error::too_deep) {
    return {ErrorCode::kMalformed, fmt::format("more than {} levels at byte {}", limits.depth, at)};
  }
  return {ErrorCode::kMalformed, fmt::format("{} at byte {}", code.message(), at)};
}

Status not_finite() {
  return fail(ErrorCode::kInvalidArgument,
              "a number is NaN or infinite; the numbers of JSON are finite");
}

Result<Parsed> parse_standard(std::string_view text, const Limits& limits, const Apart& apart,
                              const std::stop_token& stop, bj::storage_ptr memory) {
  bj::parse_options options;
  options.max_depth = limits.depth;
  bj::basic_parser<Builder> parser(options, limits, apart, stop, std::move(memory));
  Code code;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), code);
  Builder& builder = parser.handler();
  if (!builder.status()) return fail(builder.status().error());
  if (!code && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
    code = bj::error::extra_data;
  }
  if (code) return fail(error_of(code, read, limits));
  return Parsed{builder.release(), builder.finite() ? Status() : not_finite()};
}

Result<bj::value> standard_value(Result<Parsed> parsed) {
  if (!parsed) return fail(parsed.error());
  if (!parsed->numbers) return fail(ErrorCode::kMalformed, parsed->numbers.error().message);
  return std::move(parsed->value);
}

}  // namespace

// What has to be mended is seldom there, and is an error then: good text is read once.
Result<Parsed> parse_request(std::string_view text, const Limits& limits,
                             const std::stop_token& stop, bj::storage_ptr memory) {
  auto parsed = parse_standard(text, limits, {}, stop, memory);
  if (parsed || parsed.error().code != ErrorCode::kMalformed) return parsed;
  const auto mended = mend(text);
  if (!mended) return parsed;
  auto again = parse_standard(mended->text, limits, {}, stop, std::move(memory));
  if (again && mended->numbers) again->numbers = not_finite();
  return again;
}

Result<bj::value> parse(std::string_view text, const Limits& limits, const std::stop_token& stop) {
  return standard_value(parse_request(text, limits, stop));
}

Result<bj::value> parse_apart(std::string_view text, std::string_view name, StringSink& sink,
                              const Limits& limits) {
  return standard_value(parse_standard(text, limits, {.name = name, .sink = &sink}, {}, {}));
}

}  // namespace npu::json
