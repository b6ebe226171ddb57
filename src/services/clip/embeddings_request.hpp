// The body of OpenAI's POST /v1/embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/text_tables.hpp"
#include "services/clip/vectors.hpp"

namespace npu::clip {

struct PictureItem {
  std::string base64;  // also as a data URI
};
// The tokens of a text, with start and end, or a picture.
using EmbeddingItem = std::variant<Tokens, PictureItem>;

enum class VectorFormat { kFloat, kBase64 };

struct EmbeddingsRequest {
  std::vector<EmbeddingItem> items;
  VectorFormat format = VectorFormat::kFloat;
};

struct EmbeddingsLimits {
  std::size_t texts = 1000;
  std::size_t pictures = 32;
};

// Takes time. model: this service's name for it. kNotFound: another one is asked for;
// kInvalidArgument, kMalformed, kTooLarge say what would be right.
Result<EmbeddingsRequest> parse_embeddings(std::string_view body, std::string_view model,
                                           const TextTables& tables,
                                           const EmbeddingsLimits& limits);

// OpenAI's answer. tokens: of all texts, start and end included.
std::string embeddings_text(const std::vector<Vector>& vectors, VectorFormat format,
                            std::string_view model, std::size_t tokens);

}  // namespace npu::clip
