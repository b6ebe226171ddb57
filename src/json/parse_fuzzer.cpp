// What Boost.JSON takes we take, unless it is over a limit, and as the same value; what only we
// take is JSON once it is mended; what was read reads back, and apart as together.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <boost/json.hpp>

#include "json/mend.hpp"
#include "json/number_text.hpp"
#include "json/parse.hpp"

namespace {

constexpr npu::json::Limits kLimits{.depth = 16, .values = 300};

void require(bool condition) {
  if (!condition) std::abort();
}

struct Collected final : npu::json::StringSink {
  void begin() override { text.clear(); }
  void add(std::string_view piece) override { text += piece; }
  std::string text;
};

// A string that is read apart is what it is as a value.
void read_apart(std::string_view text, const boost::json::value& whole) {
  Collected sink;
  const auto apart = npu::json::parse_apart(text, "a", sink, kLimits);
  require(apart.has_value());
  boost::json::value together = *apart;
  if (auto* object = together.if_object(); object != nullptr && object->contains("a")) {
    auto& member = object->at("a");
    if (member.is_string()) member = sink.text;
  }
  require(together == whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using npu::ErrorCode;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)npu::json::number_text(text, "request_id");
  const auto mended = npu::json::mend(text);
  if (mended) {
    require(mended->text.size() == size);
    require(!npu::json::mend(mended->text));
  }

  boost::system::error_code code;
  const boost::json::value theirs = boost::json::parse(text, code);
  const auto ours = npu::json::parse_request(text, kLimits);
  if (!ours) {
    const ErrorCode why = ours.error().code;
    require(code || why == ErrorCode::kTooLarge || why == ErrorCode::kMalformed);
    require(!ours.error().message.empty());
    return 0;
  }
  if (code) {
    require(mended.has_value());
  } else if (ours->numbers) {
    require(ours->value == theirs);
    read_apart(text, theirs);
  }
  const auto back = npu::json::parse(boost::json::serialize(ours->value), kLimits);
  require(back.has_value());
  return 0;
}
