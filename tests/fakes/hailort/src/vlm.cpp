#include "hailo/genai/vlm/vlm.hpp"

#include "text_model.hpp"
#include "vlm_generator.hpp"

namespace hailort::genai {

VLMParams::VLMParams(const std::string& hef_path, bool optimize_memory_on_device)
    : m_hef_path(hef_path), m_optimize_memory_on_device(optimize_memory_on_device) {}

const std::string& VLMParams::hef() const { return m_hef_path; }
bool VLMParams::optimize_memory_on_device() const { return m_optimize_memory_on_device; }
void VLMParams::set_optimize_memory_on_device(bool optimize_memory_on_device) {
  m_optimize_memory_on_device = optimize_memory_on_device;
}

class VLM::Impl : public TextModelImpl {
 public:
  explicit Impl(std::shared_ptr<hailo_fake::TextClient> opened) : TextModelImpl(std::move(opened)) {
    const npu::Shape& frame = client->hef().model.frame->shape;
    const auto side = [&](std::size_t i) {
      return i < frame.size() ? static_cast<uint32_t>(frame[i]) : 1;
    };
    shape = {side(0), side(1), side(2)};
  }

  hailo_3d_image_shape_t shape{};
  hailo_format_type_t type = HAILO_FORMAT_TYPE_UINT8;
  hailo_format_order_t order = HAILO_FORMAT_ORDER_NHWC;
};

VLM::VLM(std::unique_ptr<Impl> pimpl) : m_pimpl(std::move(pimpl)) {}
VLM::VLM(VLM&&) = default;
VLM::~VLM() = default;

Expected<VLM> VLM::create(std::shared_ptr<VDevice> vdevice, const VLMParams& vlm_params) {
  auto client =
      TextModelImpl::open(vdevice, vlm_params.hef(), "", vlm_params.optimize_memory_on_device(),
                          hailo_fake::HefFile::Kind::kVision);
  if (!client) return make_unexpected(client.status());
  return VLM(std::make_unique<Impl>(client.release()));
}

Expected<LLMGeneratorParams> VLM::create_generator_params() { return m_pimpl->params(); }

Expected<VLMGenerator> VLM::create_generator(const LLMGeneratorParams& params) {
  auto generator = m_pimpl->generator(params);
  if (!generator) return make_unexpected(generator.status());
  auto impl = std::make_shared<VLMGenerator::Impl>();
  impl->generator = generator.release();
  return VLMGenerator(std::move(impl));
}

Expected<VLMGenerator> VLM::create_generator() {
  const auto params = create_generator_params();
  if (!params) return make_unexpected(params.status());
  return create_generator(*params);
}

Expected<std::vector<int>> VLM::tokenize(const std::string& prompt) {
  return m_pimpl->tokenize(prompt);
}
Expected<size_t> VLM::get_context_usage_size() { return m_pimpl->used(); }
Expected<size_t> VLM::max_context_capacity() { return m_pimpl->capacity(); }
hailo_status VLM::clear_context() { return m_pimpl->clear(); }
Expected<BufferPtr> VLM::save_context() { return m_pimpl->save(); }
hailo_status VLM::load_context(const MemoryView& context) { return m_pimpl->load(context); }
Expected<std::string> VLM::get_generation_recovery_sequence() { return m_pimpl->recovery(); }
Expected<std::string> VLM::prompt_template() { return m_pimpl->prompt_template(); }
Expected<std::vector<std::string>> VLM::get_stop_tokens() { return m_pimpl->stops(); }

uint32_t VLM::input_frame_size() const {
  const auto& shape = m_pimpl->shape;
  return shape.height * shape.width * shape.features;
}
const hailo_3d_image_shape_t& VLM::input_frame_shape() const { return m_pimpl->shape; }
const hailo_format_type_t& VLM::input_frame_format_type() const { return m_pimpl->type; }
const hailo_format_order_t& VLM::input_frame_format_order() const { return m_pimpl->order; }

}  // namespace hailort::genai
