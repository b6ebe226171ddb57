#include "services/clip/tokenizer_file.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "text/clip_words.hpp"

namespace npu::clip {
namespace json = boost::json;
namespace {

// "a b", or ["a", "b"] as of 2024.
bool add_merge(const json::value& merge, std::string& lines) {
  if (const auto* text = merge.if_string()) {
    lines += std::string_view(*text);
  } else if (const auto* pair = merge.if_array(); pair != nullptr && pair->size() == 2) {
    const auto* left = pair->front().if_string();
    const auto* right = pair->back().if_string();
    if (left == nullptr || right == nullptr) return false;
    lines += std::string_view(*left);
    lines += ' ';
    lines += std::string_view(*right);
  } else {
    return false;
  }
  lines += '\n';
  return true;
}

// Whether the file numbers its tokens as CLIP does, as far as the last ones tell.
bool has_numbers_of(const json::object& vocabulary, const text::ClipBpe& bpe) {
  const auto is = [&](std::string_view token, std::int32_t id) {
    const auto* number = vocabulary.if_contains(token);
    return number != nullptr && number->is_int64() && number->get_int64() == id;
  };
  return vocabulary.size() == bpe.size() && is("!", 0) && is("!</w>", 256) &&
         is(text::kClipStart, bpe.start()) && is(text::kClipEnd, bpe.end());
}

Result<text::ClipBpe> from_json(std::string_view text) {
  // An administrator's file, with more members than objects of strangers may have (src/json).
  boost::system::error_code failed;
  const json::value file = json::parse(text, failed);
  if (failed) return fail(ErrorCode::kMalformed, "the tokenizer is no JSON: " + failed.message());
  const auto* object = file.if_object();
  const auto* model = object != nullptr ? object->if_contains("model") : nullptr;
  const auto* fields = model != nullptr ? model->if_object() : nullptr;
  const auto* vocabulary = fields != nullptr ? fields->if_contains("vocab") : nullptr;
  const auto* merges = fields != nullptr ? fields->if_contains("merges") : nullptr;
  if (vocabulary == nullptr || !vocabulary->is_object() || merges == nullptr ||
      !merges->is_array()) {
    return fail(ErrorCode::kUnsupported,
                "the tokenizer must be one of byte pairs: model.vocab and model.merges");
  }
  std::string lines = "\n";
  for (const json::value& merge : merges->get_array()) {
    if (!add_merge(merge, lines)) {
      return fail(ErrorCode::kMalformed, "the tokenizer's model.merges must be pairs of texts");
    }
  }
  auto bpe = text::ClipBpe::from_merges(lines);
  if (!bpe) return bpe;
  if (!has_numbers_of(vocabulary->get_object(), *bpe)) {
    return fail(ErrorCode::kUnsupported,
                "the tokenizer is not CLIP's: it numbers its tokens in another way");
  }
  return bpe;
}

}  // namespace

Result<text::ClipBpe> parse_tokenizer(std::string_view text) {
  if (text.starts_with("\x1f\x8b")) {
    return fail(ErrorCode::kUnsupported, "the merges are packed: unpack them with gunzip");
  }
  if (text.starts_with('{')) return from_json(text);
  return text::ClipBpe::from_merges(text);
}

}  // namespace npu::clip
