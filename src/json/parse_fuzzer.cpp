// What Boost.JSON takes we take, unless it is over a limit, and as the same value; what only we
// take is JSON once it is mended; and what was read reads back.
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
  }
  const auto back = npu::json::parse(boost::json::serialize(ours->value), kLimits);
  require(back.has_value());
  return 0;
}
