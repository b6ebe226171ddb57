// What a client may choose where a picture is compared with texts.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/prompts.hpp"
#include "services/clip/vectors.hpp"
#include "services/kit/options.hpp"

namespace npu::clip {

// A list of texts; in a form or a query it is JSON. Absent: `target` stays as it is. least: that
// the list has.
Status read_texts(kit::Fields& fields, std::string_view name, std::size_t least,
                  std::vector<std::string>& target);

// The field `templates`, each with a {}.
Status read_templates(kit::Fields& fields, std::vector<std::string>& templates);

struct ClassifyOptions : Prompts {
  ScoreRules scores;
};

// The fields prompts (needed), templates, top_k, threshold and score_mode. max_texts: of texts().
Status read_options(kit::Fields& fields, std::size_t max_texts, ClassifyOptions& options);

}  // namespace npu::clip
