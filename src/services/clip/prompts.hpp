// Texts that a picture is compared with, each in the same templates.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

#include "services/clip/vectors.hpp"

namespace npu::clip {

inline constexpr std::size_t kMaxTextBytes = 8192;  // of one text; its tokens are 77 at most

// kInvalidArgument where the text has more than kMaxTextBytes. name: "text", "prompts.3".
Status check_text(std::string_view name, std::string_view text);

// kInvalidArgument where there is no {} in it, for the prompt. name: "templates.3".
Status check_template(std::string_view name, std::string_view text);

// A text in each of its templates, which all have a {}; without templates itself.
std::vector<std::string> in_templates(const std::string& text,
                                      const std::vector<std::string>& templates);

struct Prompts {
  std::vector<std::string> prompts;
  std::vector<std::string> templates;

  std::vector<std::string> texts() const;  // each prompt's in all templates, one after the other
  // A vector for each prompt, the mean of its templates. of_texts: those of texts().
  std::vector<Vector> means(std::vector<Vector> of_texts) const;
};

}  // namespace npu::clip
