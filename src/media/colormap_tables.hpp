// The tables of viridis, plasma, magma and turbo: the colours of Matplotlib's _cm_listed.py times
// 255, truncated. Viridis, plasma and magma are CC0 (van der Walt, Smith, Firing); turbo is
// Apache 2.0 (Copyright 2019 Google LLC, Anton Mikhailov).
#pragma once

#include "media/colormap.hpp"

namespace npu::media {

extern const ColormapTable kViridisTable;
extern const ColormapTable kPlasmaTable;
extern const ColormapTable kMagmaTable;
extern const ColormapTable kTurboTable;

}  // namespace npu::media
