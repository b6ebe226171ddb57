#include "description/description.hpp"

namespace npu {
namespace {

template <class T>
void complete(std::optional<T>& own, const std::optional<T>& other) {
  if (!own) own = other;
}

void complete(std::string& own, const std::string& other) {
  if (own.empty()) own = other;
}

}  // namespace

void InputDescription::complete_from(const InputDescription& other) {
  complete(layout, other.layout);
  complete(dtype, other.dtype);
  complete(colour, other.colour);
  complete(fit, other.fit);
  complete(padding, other.padding);
  complete(width, other.width);
  complete(height, other.height);
  complete(step, other.step);
  complete(max_side, other.max_side);
  complete(channels, other.channels);
  complete(mean, other.mean);
  complete(std, other.std);
}

void ModelDescription::complete_from(const ModelDescription& other) {
  complete(family, other.family);
  complete(head, other.head);
  if (label_set.empty() && labels.empty()) {
    label_set = other.label_set;
    labels = other.labels;
  }
  input.complete_from(other.input);
}

}  // namespace npu
