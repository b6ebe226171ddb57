// The files that travel in the HEF of a generative model.
#include <boost/json.hpp>

#include "hef_file.hpp"

namespace hailo_fake {
namespace {

namespace json = boost::json;

constexpr int kEndToken = 151645;
constexpr int kPicturePad = 151655;
constexpr int kPrefillTokens = 96;

std::string usual_config(const HefFile& hef, const HefNotes& notes) {
  json::object config;
  config["eos_token_id"] = kEndToken;
  if (hef.kind == HefFile::Kind::kSpeech) {
    config["chunk_size_seconds"] =
        std::chrono::duration_cast<std::chrono::seconds>(hef.model.window).count();
    config["repetition_penalty_default_value"] = 1.5;
    return json::serialize(config);
  }
  config["stop_token_id"] = json::array{kEndToken};
  if (!notes.chat_template.empty()) config["chat_template"] = notes.chat_template;
  if (hef.kind == HefFile::Kind::kVision) config["image_pad"] = kPicturePad;
  config["pre_process_params"] = {{"kv_cache_size", hef.model.context_length},
                                  {"prefill_input_tokens_count", kPrefillTokens}};
  config["default_generation_params"] = {{"temperature", 0.7}, {"top_p", 0.8},
                                         {"top_k", 20},        {"repetition_penalty", 1.1},
                                         {"do_sample", true},  {"max_new_tokens", 1024}};
  return json::serialize(config);
}

std::string tokenizer(const HefFile& hef) {
  json::array added;
  if (!hef.model.end_text.empty()) {
    added.push_back({{"id", kEndToken}, {"content", hef.model.end_text}, {"special", true}});
  }
  return json::serialize(json::object{{"version", "1.0"}, {"added_tokens", std::move(added)}});
}

}  // namespace

std::map<std::string, std::string> make_resources(const HefFile& hef, const HefNotes& notes) {
  std::map<std::string, std::string> resources;
  if (hef.kind == HefFile::Kind::kTensor) return resources;
  resources["hailo-config.json"] =
      notes.hailo_config.empty() ? usual_config(hef, notes) : notes.hailo_config;
  resources["tokenizer.json"] = tokenizer(hef);
  resources["embeddings.bin"] = "embeddings";
  if (hef.kind != HefFile::Kind::kSpeech) resources["rope_theta_data.bin"] = "theta";
  return resources;
}

}  // namespace hailo_fake
