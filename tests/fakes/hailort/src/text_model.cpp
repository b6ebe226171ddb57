#include "text_model.hpp"

#include <algorithm>

#include "log.hpp"

namespace hailort::genai {

namespace fake = hailo_fake;

Expected<std::shared_ptr<fake::TextClient>> TextModelImpl::open(
    const std::shared_ptr<VDevice>& vdevice, const std::string& path, const std::string& lora,
    bool optimise, fake::HefFile::Kind kind) {
  if (path.empty()) return make_unexpected(HAILO_INVALID_OPERATION);
  const auto hash = Hef::hash(path);
  if (!hash) return make_unexpected(hash.status());
  auto hef = fake::read_hef(path);
  if (!hef) return make_unexpected(hef.status());
  if (optimise && !fake::Machine::get()->settings.at_least(3)) {
    fake::log_error("Host-tokenization is not enabled in lib compilation");
    return make_unexpected(HAILO_NOT_IMPLEMENTED);
  }
  const auto& groups = hef.value()->groups;
  const bool has_adapter = lora.empty() || std::ranges::any_of(groups, [&](const auto& group) {
                             return group.ends_with(lora + "__prefill");
                           });
  if (hef.value()->kind != kind || !has_adapter) {
    fake::log_error(path + " is not a model of this kind");
    return make_unexpected(HAILO_NOT_FOUND);
  }
  auto link = fake::GenaiLink::create(*vdevice, hef.release(), true);
  if (!link) return make_unexpected(link.status());
  return std::make_shared<fake::TextClient>(link.release());
}

template <class T, class Ask>
Expected<T> TextModelImpl::get(Ask ask) {
  std::optional<T> got;
  const hailo_status status = client->tell([&](fake::TextServer& server) {
    got = ask(server);
    return HAILO_SUCCESS;
  });
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  return std::move(*got);
}

Expected<LLMGeneratorParams> TextModelImpl::params() {
  return get<LLMGeneratorParams>([](auto& server) { return server.usual_params(); });
}

Expected<std::shared_ptr<LLMGenerator::Impl>> TextModelImpl::generator(
    const LLMGeneratorParams& params) {
  hailo_status status = fake::check_params(params);
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  status = client->tell([&](fake::TextServer& server) {
    server.set_params(params);
    return HAILO_SUCCESS;
  });
  if (status != HAILO_SUCCESS) return make_unexpected(status);
  return std::make_shared<LLMGenerator::Impl>(client, params.max_generated_tokens());
}

Expected<std::vector<int>> TextModelImpl::tokenize(const std::string& text) {
  return get<std::vector<int>>([&](auto&) { return fake::tokens_of(text); });
}

Expected<size_t> TextModelImpl::used() {
  return get<size_t>([](auto& server) { return server.context_used(); });
}

Expected<size_t> TextModelImpl::capacity() {
  return get<size_t>([](auto& server) { return server.context_size(); });
}

hailo_status TextModelImpl::clear() {
  return client->tell([](auto& server) {
    server.clear_context();
    return HAILO_SUCCESS;
  });
}

Expected<BufferPtr> TextModelImpl::save() {
  return client->ask([](auto& server) { return server.save_context(); });
}

hailo_status TextModelImpl::load(const MemoryView& context) {
  return client->tell([&](auto& server) { return server.load_context(context); });
}

Expected<std::string> TextModelImpl::recovery() {
  return get<std::string>([](auto& server) { return server.recovery(); });
}

Expected<std::string> TextModelImpl::prompt_template() {
  auto text = get<std::string>([](auto& server) { return server.chat_template(); });
  if (text && text->empty()) return make_unexpected(HAILO_NOT_AVAILABLE);
  return text;
}

Expected<std::vector<std::string>> TextModelImpl::stops() {
  return get<std::vector<std::string>>([](auto& server) { return server.stop_sequences(); });
}

}  // namespace hailort::genai
