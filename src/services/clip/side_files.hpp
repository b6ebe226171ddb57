// Where the files lie that a text encoder needs on the host.
#pragma once

#include <string>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/text_tables.hpp"

namespace npu::clip {

// Files that are named count; of the others the catalogue's entry of the text encoder tells the
// names, and they lie below one of the folders.
struct SideFileRules {
  std::string tokenizer;
  std::string token_embeddings;
  std::string text_projection;
  std::string catalogue;
  std::vector<std::string> dirs;

  // Where no catalogue and no folders are said: where the device manager looks.
  void look_in_usual_places();
};

// text_model: as the manager is asked for it, a path or a name of the catalogue. Blocks: it reads
// megabytes. The error says what is missing and how to name it.
Result<TextTables> load_text_tables(const SideFileRules& rules, const std::string& text_model,
                                    const EncoderShapes& shapes);

}  // namespace npu::clip
