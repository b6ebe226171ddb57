// What a HEF file is for, told from the names of its network groups, and what the generative ones
// say of themselves in their hailo-config.json.
//
// The names are how the server on the chip finds the parts of a generative model: a language model
// has groups that end in "prefill" and "tbt" (token by token), a vision-language model one more
// that ends in "encoder", a speech model "encoder" and "decoder". With adapters (LoRA) there is a
// pair of groups for each, "<adapter>__prefill", and for the bare model "base_model__prefill".
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

namespace npu::store {

inline constexpr const char* kHefConfigName = "hailo-config.json";

enum class HefKind { kTensor, kLanguage, kVisionLanguage, kSpeech };
std::string_view name_of(HefKind kind);  // "tensor", "llm", "vlm", "speech2text"

HefKind kind_of(std::span<const std::string> groups);

// The adapter (LoRA) to name when a language model is loaded: "base_model" where the file has the
// bare model, else the only one that it has, "" in a file without adapters. kUnsupported, naming
// them, where there are several without the bare model.
//
// The server on the chip looks for a group that ends in "<adapter>__prefill". Without a name it
// takes, from 5.3 on, whatever adapter stands last in the file.
Result<std::string> default_adapter(std::span<const std::string> groups);

// The names that select an adapter, sorted; empty for a model without.
std::vector<std::string> lora_names(std::span<const std::string> groups);

// Of what hailo-config.json holds the part that users need, null where it is not said:
// context_length, chat_template, eos_token_id, stop_token_ids, sampling {temperature, top_p, top_k,
// repetition_penalty, do_sample, max_tokens}, prefill_tokens (read at once), chunk_seconds
// (speech).
boost::json::object describe_config(const boost::json::object& config);

}  // namespace npu::store
