#include "text/tokenizer/post_processor.hpp"

#include <string_view>

#include "json/fields.hpp"
#include "text/tokenizer/described.hpp"

namespace npu::text {
namespace {

namespace bj = boost::json;

const bj::array* list_in(const bj::object& in, std::string_view name) {
  const auto* value = in.if_contains(name);
  return value == nullptr ? nullptr : value->if_array();
}

// The numbers of a special token of a template, which it lists apart.
bool add_special_token(const bj::object& in, std::string_view name, std::vector<TokenId>& ids) {
  const auto* tokens = in.if_contains("special_tokens");
  const auto* table = tokens == nullptr ? nullptr : tokens->if_object();
  const auto* token = table == nullptr ? nullptr : table->if_contains(name);
  const auto* numbers =
      token == nullptr || !token->is_object() ? nullptr : list_in(token->get_object(), "ids");
  if (numbers == nullptr) return false;
  for (const auto& number : *numbers) {
    const auto id = json::integer_in(number);
    if (!id || *id < 0 || *id >= Vocabulary::kMostTokens) return false;
    ids.push_back(static_cast<TokenId>(*id));
  }
  return true;
}

// [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}]
Result<Surroundings> template_of(const bj::value& described) {
  const bj::object& in = described.get_object();
  const auto* single = list_in(in, "single");
  Surroundings around;
  bool has_text = false;
  if (single == nullptr) return unknown_part("post_processor", described);
  for (const auto& element : *single) {
    const auto* object = element.if_object();
    const auto* special = object == nullptr ? nullptr : object->if_contains("SpecialToken");
    if (special != nullptr && special->is_object()) {
      auto& ids = has_text ? around.behind : around.before;
      if (!add_special_token(in, text_in(special->get_object(), "id"), ids)) {
        return unknown_part("post_processor", described);
      }
      continue;
    }
    if (object == nullptr || !object->contains("Sequence") || has_text) {
      return unknown_part("post_processor", described);
    }
    has_text = true;
  }
  if (!has_text) return unknown_part("post_processor", described);
  return around;
}

// ["[CLS]", 101]
std::optional<TokenId> id_of(const bj::object& in, std::string_view name) {
  const auto* pair = list_in(in, name);
  if (pair == nullptr || pair->size() != 2) return std::nullopt;
  const auto id = json::integer_in((*pair)[1]);
  if (!id || *id < 0 || *id >= Vocabulary::kMostTokens) return std::nullopt;
  return static_cast<TokenId>(*id);
}

Result<Surroundings> processors_of(const bj::value& described) {
  const auto* processors = list_in(described.get_object(), "processors");
  if (processors == nullptr) return unknown_part("post_processor", described);
  Surroundings all;
  for (const auto& processor : *processors) {
    if (type_of(processor) == "Sequence") return unknown_part("post_processor", described);
    auto one = make_surroundings(processor);
    if (!one) return one;
    all.before.insert(all.before.begin(), one->before.begin(), one->before.end());
    all.behind.insert(all.behind.end(), one->behind.begin(), one->behind.end());
  }
  return all;
}

}  // namespace

Result<Surroundings> make_surroundings(const bj::value& described) {
  if (described.is_null()) return Surroundings{};
  const std::string_view type = type_of(described);
  if (type == "ByteLevel") return Surroundings{};  // of offsets, which nobody asks for here
  if (type == "TemplateProcessing") return template_of(described);
  if (type == "Sequence") return processors_of(described);
  if (type == "BertProcessing" || type == "RobertaProcessing") {
    const auto before = id_of(described.get_object(), "cls");
    const auto behind = id_of(described.get_object(), "sep");
    if (before && behind) return Surroundings{{*before}, {*behind}};
  }
  return unknown_part("post_processor", described);
}

}  // namespace npu::text
