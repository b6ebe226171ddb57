// What the host does of a text's way through CLIP: tokens and their embeddings before the encoder,
// the projection behind it. The encoder itself is a network of the device.
//
//   auto ids = tables.tokens("a small red circle");   // start, tokens, end
//   tables.look_up(ids, input);                       // float32 (tokens, width)
//   ... the encoder gives float32 (tokens, features) ...
//   Vector vector = tables.project(features, tables.end_of(ids));
//
// As the example of the published pair does it (contracts, hailort.md 8.8). Immutable; safe to use
// from any thread; may read from the disk.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/float_matrix.hpp"
#include "services/clip/vectors.hpp"
#include "text/clip_bpe.hpp"

namespace npu::clip {

// Of the encoders.
struct EncoderShapes {
  std::size_t tokens = 0;     // rows that the text encoder takes and gives
  std::size_t width = 0;      // of a token's embedding
  std::size_t features = 0;   // of each row that it gives
  std::size_t dimension = 0;  // of a picture's vector
  std::size_t batch = 1;      // texts that one run of the device takes, where there are many
};

using Tokens = std::vector<std::int32_t>;

class TextTables {
 public:
  // kUnsupported where the parts do not fit together, with what does not.
  static Result<TextTables> create(text::ClipBpe bpe, FloatMatrix embeddings,
                                   FloatMatrix projection, const EncoderShapes& shapes);

  const EncoderShapes& shapes() const { return shapes_; }
  const text::ClipBpe& bpe() const { return bpe_; }

  // With start and end, at most shapes().tokens: of a longer text the beginning.
  Tokens tokens(std::string_view text) const;
  // Where the text ends, whatever it says: the first token that ends texts.
  std::size_t end_of(std::span<const std::int32_t> tokens) const;
  // out: tokens * width values. Rows behind the tokens are those of token 0.
  void look_up(std::span<const std::int32_t> tokens, std::span<float> out) const;
  // features: tokens * features values; end: the row of the token that ends the text.
  Vector project(std::span<const float> features, std::size_t end) const;

 private:
  TextTables(text::ClipBpe bpe, FloatMatrix embeddings, FloatMatrix projection,
             const EncoderShapes& shapes);

  text::ClipBpe bpe_;
  FloatMatrix embeddings_;
  FloatMatrix projection_;
  EncoderShapes shapes_;
};

}  // namespace npu::clip
