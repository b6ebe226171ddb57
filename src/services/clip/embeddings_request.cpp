#include "services/clip/embeddings_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/json_body.hpp"
#include "json/fields.hpp"
#include "json/write.hpp"
#include "services/clip/answer.hpp"
#include "services/clip/classify_options.hpp"
#include "services/kit/options.hpp"
#include "tensor/base64.hpp"

namespace npu::clip {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 2> kFormatNames{"float", "base64"};
constexpr std::string_view kWhatInputIs =
    "a text, a list of tokens, or a list of texts, lists of tokens, {\"text\": ...} and "
    "{\"image\": base64}";

tl::unexpected<Error> wrong(std::string_view name, std::string_view right, const json::value& got) {
  return fail(ErrorCode::kInvalidArgument, npu::json::must_be(name, right, npu::json::quote(got)));
}

bool is_tokens(const json::array& list) {
  return !list.empty() && std::ranges::all_of(list, &json::value::is_number);
}

class ItemReader {
 public:
  explicit ItemReader(const TextTables& tables) : tables_(tables) {}

  Result<EmbeddingItem> read(const std::string& name, const json::value& value) const {
    if (const auto* text = value.if_string()) return of_text(name, *text);
    if (const auto* list = value.if_array(); list != nullptr && is_tokens(*list)) {
      return of_ids(name, *list);
    }
    if (const auto* object = value.if_object()) return of_object(name, *object);
    return wrong(name, "a text, a list of tokens, {\"text\": ...} or {\"image\": base64}", value);
  }

 private:
  Result<EmbeddingItem> of_text(const std::string& name, std::string_view text) const {
    if (text.starts_with("data:image/")) return PictureItem{std::string(text)};
    if (text.empty()) return fail(ErrorCode::kInvalidArgument, name + " must not be empty");
    if (auto ok = check_text(name, text); !ok) return fail(ok.error());
    return with_ends(name, tables_.bpe().encode(text));
  }

  Result<EmbeddingItem> of_object(const std::string& name, const json::object& object) const {
    npu::json::Fields in(object, ErrorCode::kInvalidArgument, name + ".");
    const auto text = in.text("text");
    const auto image = in.text("image");
    if (!in.status()) return fail(in.status().error());
    if (text.has_value() == image.has_value()) {
      return fail(ErrorCode::kInvalidArgument, name + " must have either text or image");
    }
    if (image) return PictureItem{std::string(*image)};
    return of_text(name + ".text", *text);
  }

  Result<EmbeddingItem> of_ids(const std::string& name, const json::array& list) const {
    const std::int32_t start = tables_.bpe().start();
    Tokens tokens;
    for (const json::value& one : list) {
      const auto id = npu::json::count_in(one);
      if (!id || *id >= static_cast<std::uint64_t>(start)) {
        return wrong(name, fmt::format("a list of tokens in 0..{}", start - 1), one);
      }
      tokens.push_back(static_cast<std::int32_t>(*id));
    }
    return with_ends(name, std::move(tokens));
  }

  Result<EmbeddingItem> with_ends(const std::string& name, Tokens tokens) const {
    const std::size_t most = tables_.shapes().tokens - 2;
    if (tokens.size() > most) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("{} must have at most {} tokens, got {}", name, most, tokens.size()));
    }
    tokens.insert(tokens.begin(), tables_.bpe().start());
    tokens.push_back(tables_.bpe().end());
    return tokens;
  }

  const TextTables& tables_;
};

Result<std::vector<EmbeddingItem>> read_items(const json::value& input, const TextTables& tables,
                                              const EmbeddingsLimits& limits) {
  const ItemReader reader(tables);
  std::vector<EmbeddingItem> items;
  const auto* list = input.if_array();
  if (list == nullptr || is_tokens(*list)) {
    auto item = reader.read("input", input);
    if (!item) return fail(item.error());
    items.push_back(std::move(*item));
    return items;
  }
  if (list->empty() || list->size() > limits.texts) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("input must have 1..{} entries, got {}", limits.texts, list->size()));
  }
  std::size_t pictures = 0;
  for (const json::value& one : *list) {
    auto item = reader.read(fmt::format("input.{}", items.size()), one);
    if (!item) return fail(item.error());
    if (std::holds_alternative<PictureItem>(*item) && ++pictures > limits.pictures) {
      return fail(ErrorCode::kInvalidArgument,
                  fmt::format("input must have at most {} pictures", limits.pictures));
    }
    items.push_back(std::move(*item));
  }
  return items;
}

}  // namespace

Result<EmbeddingsRequest> parse_embeddings(std::string_view body, std::string_view model,
                                           const TextTables& tables,
                                           const EmbeddingsLimits& limits) {
  const auto value = http::parse_json(body);
  if (!value) return fail(value.error());
  if (!value->is_object()) return wrong("the body", "a JSON object", *value);
  const json::object& object = value->get_object();
  kit::Fields fields(object);
  EmbeddingsRequest request;
  fields.choice("encoding_format", request.format, kFormatNames);
  std::string asked(model);
  fields.text("model", asked);
  if (!fields.status()) return fail(fields.status().error());
  if (asked != model) {
    return fail(ErrorCode::kNotFound, fmt::format("there is no model {}; this service has {}",
                                                  npu::json::quote(asked), model));
  }
  const auto dimension = static_cast<std::int64_t>(tables.shapes().dimension);
  if (const auto* dimensions = fields.value("dimensions");
      dimensions != nullptr && npu::json::integer_in(*dimensions) != dimension) {
    return wrong("dimensions",
                 fmt::format("absent or {}: vectors of this model cannot be cut", dimension),
                 *dimensions);
  }
  const auto* input = fields.value("input");
  if (input == nullptr) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("input is missing: {}", kWhatInputIs));
  }
  auto items = read_items(*input, tables, limits);
  if (!items) return fail(items.error());
  request.items = std::move(*items);
  return request;
}

std::string embeddings_text(const std::vector<Vector>& vectors, VectorFormat format,
                            std::string_view model, std::size_t tokens) {
  std::string text = "{\"object\":\"list\",\"data\":[";
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    text += fmt::format(
        "{}{{\"object\":\"embedding\",\"index\":{},\"embedding\":", i == 0 ? "" : ",", i);
    if (format == VectorFormat::kFloat) {
      append_vector(text, vectors[i]);
    } else {
      text += '"' + base64_encode(std::as_bytes(std::span(vectors[i]))) + '"';
    }
    text += '}';
  }
  text += "],\"model\":";
  npu::json::append_string(text, model);
  text += fmt::format(",\"usage\":{{\"prompt_tokens\":{0},\"total_tokens\":{0}}}}}", tokens);
  return text;
}

}  // namespace npu::clip
