// What a client may choose where a picture is compared with texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/vectors.hpp"
#include "services/kit/options.hpp"

namespace npu::clip {

inline constexpr std::size_t kMaxTextBytes = 8192;  // of one text; its tokens are 77 at most

// kInvalidArgument where the text has more than kMaxTextBytes. name: "text", "prompts.3".
Status check_text(std::string_view name, std::string_view text);

// A list of texts; in a form or a query it is JSON. Absent: `target` stays as it is. least: that
// the list has.
Status read_texts(kit::Fields& fields, std::string_view name, std::size_t least,
                  std::vector<std::string>& target);

// A text in each of its templates, which all have a {}; without templates itself.
std::vector<std::string> in_templates(const std::string& text,
                                      const std::vector<std::string>& templates);

// The field `templates`, each with a {}.
Status read_templates(kit::Fields& fields, std::vector<std::string>& templates);

struct ClassifyOptions {
  std::vector<std::string> prompts;
  std::vector<std::string> templates;
  ScoreRules scores;

  std::vector<std::string> texts() const;  // each prompt's in all templates, one after the other
};

// The fields prompts (needed), templates, top_k, threshold and score_mode. max_texts: of texts().
Status read_options(kit::Fields& fields, std::size_t max_texts, ClassifyOptions& options);

}  // namespace npu::clip
