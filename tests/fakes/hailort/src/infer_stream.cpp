// InferModel::InferStream: how an input or output is wanted.
#include "access.hpp"
#include "infer_model_client.hpp"

namespace hailort {

namespace fake = hailo_fake;

InferModel::InferStream FakeAccess::make_stream(fake::Stream stream) {
  InferModel::InferStream made;
  made.m_pimpl = std::make_shared<InferModel::InferStream::Impl>();
  made.m_pimpl->format = stream.format;
  made.m_pimpl->stream = std::move(stream);
  return made;
}

FakeAccess::StreamImpl& FakeAccess::of(const InferModel::InferStream& stream) {
  return *stream.m_pimpl;
}

const std::string InferModel::InferStream::name() const { return m_pimpl->stream.name; }
hailo_3d_image_shape_t InferModel::InferStream::shape() const { return m_pimpl->stream.shape; }
hailo_format_t InferModel::InferStream::format() const { return m_pimpl->format; }

size_t InferModel::InferStream::get_frame_size() const {
  return fake::frame_bytes(m_pimpl->stream, m_pimpl->format);
}

Expected<hailo_nms_shape_t> InferModel::InferStream::get_nms_shape() const {
  if (!is_nms()) return make_unexpected(HAILO_INVALID_OPERATION);
  return hailo_nms_shape_t(m_pimpl->stream.nms_shape);
}

// AUTO is what the HEF has.
void InferModel::InferStream::set_format_type(hailo_format_type_t type) {
  m_pimpl->format.type = type == HAILO_FORMAT_TYPE_AUTO ? m_pimpl->stream.format.type : type;
}

void InferModel::InferStream::set_format_order(hailo_format_order_t order) {
  m_pimpl->format.order = order == HAILO_FORMAT_ORDER_AUTO ? m_pimpl->stream.format.order : order;
}

std::vector<hailo_quant_info_t> InferModel::InferStream::get_quant_infos() const {
  const auto& stream = m_pimpl->stream;
  return stream.feature_quants.empty() ? std::vector{stream.quant} : stream.feature_quants;
}

bool InferModel::InferStream::is_nms() const { return m_pimpl->stream.is_nms(); }

void InferModel::InferStream::set_nms_score_threshold(float32_t threshold) {
  m_pimpl->score_threshold = threshold;
}

void InferModel::InferStream::set_nms_max_proposals_per_class(uint32_t max_proposals_per_class) {
  m_pimpl->stream.nms_shape.max_bboxes_per_class = max_proposals_per_class;
  m_pimpl->limits_changed = true;
}

void InferModel::InferStream::set_nms_max_proposals_total(uint32_t max_proposals_total) {
  m_pimpl->stream.nms_shape.max_bboxes_total = max_proposals_total;
  m_pimpl->limits_changed = true;
}

void InferModel::InferStream::set_nms_max_accumulated_mask_size(
    uint32_t max_accumulated_mask_size) {
  m_pimpl->stream.nms_shape.max_accumulated_mask_size = max_accumulated_mask_size;
  m_pimpl->limits_changed = true;
}

}  // namespace hailort
