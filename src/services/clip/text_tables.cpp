#include "services/clip/text_tables.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace npu::clip {

Result<TextTables> TextTables::create(text::ClipBpe bpe, FloatMatrix embeddings,
                                      FloatMatrix projection, const EncoderShapes& shapes) {
  const auto wrong = [](std::string_view what, std::size_t rows, std::size_t columns,
                        const FloatMatrix& is) {
    return fail(ErrorCode::kUnsupported,
                fmt::format("the {} of this text encoder must be {} x {}, the file has {} x {}",
                            what, rows, columns, is.rows(), is.columns()));
  };
  if (embeddings.rows() != bpe.size() || embeddings.columns() != shapes.width) {
    return wrong("table of token embeddings", bpe.size(), shapes.width, embeddings);
  }
  if (projection.rows() != shapes.features || projection.columns() != shapes.dimension) {
    return wrong("text projection", shapes.features, shapes.dimension, projection);
  }
  return TextTables(std::move(bpe), std::move(embeddings), std::move(projection), shapes);
}

TextTables::TextTables(text::ClipBpe bpe, FloatMatrix embeddings, FloatMatrix projection,
                       const EncoderShapes& shapes)
    : bpe_(std::move(bpe)),
      embeddings_(std::move(embeddings)),
      projection_(std::move(projection)),
      shapes_(shapes) {}

Tokens TextTables::tokens(std::string_view text) const {
  Tokens tokens{bpe_.start()};
  const Tokens words = bpe_.encode(text, shapes_.tokens - 2);
  tokens.insert(tokens.end(), words.begin(), words.end());
  tokens.push_back(bpe_.end());
  return tokens;
}

std::size_t TextTables::end_of(std::span<const std::int32_t> tokens) const {
  const auto end = std::ranges::find(tokens, bpe_.end());
  return static_cast<std::size_t>(end - tokens.begin()) - (end == tokens.end() ? 1 : 0);
}

void TextTables::look_up(std::span<const std::int32_t> tokens, std::span<float> out) const {
  for (std::size_t i = 0; i < shapes_.tokens; ++i) {
    const auto token = i < tokens.size() ? static_cast<std::size_t>(tokens[i]) : 0;
    std::ranges::copy_n(embeddings_.row(token).data(), static_cast<std::ptrdiff_t>(shapes_.width),
                        out.data() + i * shapes_.width);
  }
}

Vector TextTables::project(std::span<const float> features, std::size_t end) const {
  const auto row = features.subspan(end * shapes_.features, shapes_.features);
  std::vector<double> sums(shapes_.dimension);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const auto weights = projection_.row(i);
    for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += double{row[i]} * weights[j];
  }
  Vector vector(sums.size());
  std::ranges::transform(sums, vector.begin(), [](double sum) { return static_cast<float>(sum); });
  normalise(vector);
  return vector;
}

}  // namespace npu::clip
