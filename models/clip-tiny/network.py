"""clip-tiny: an encoder of pictures and one of texts, whose vectors agree where the text describes the picture."""
from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional as F

SIDE = 64            # of a picture, in pixels
TOKENS = 77          # of a text, start and end included
WIDTH = 128          # of a token's embedding
DIMENSION = 64       # of the vectors
HEADS, LAYERS = 4, 2
MEAN, STD = 114.75, 57.375  # of the values of a picture, in 0..255


def _convolution(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs))


class _Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = _convolution(channels, channels), _convolution(channels, channels)

    def forward(self, x):
        return F.relu(x + self.second(F.relu(self.first(x))))


class ImageEncoder(nn.Module):
    """float32 (n, 3, 64, 64), 0..255, to (n, 64)."""

    def __init__(self):
        super().__init__()
        layers, inputs = [], 3
        for channels in (24, 48, 72, 96):
            layers += [_convolution(inputs, channels, 2), nn.ReLU()]
            layers += [_Residual(channels)] if channels > 24 else []
            inputs = channels
        self.layers = nn.Sequential(*layers)
        self.project = nn.Conv2d(inputs, DIMENSION, 1, bias=False)

    def forward(self, pictures):
        x = self.layers((pictures - MEAN) / STD)
        return self.project(x.mean((2, 3), keepdim=True)).flatten(1)


class _Block(nn.Module):
    """Attention to what comes before, and a layer for each token."""

    def __init__(self):
        super().__init__()
        self.before, self.between = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.ask, self.offer, self.say, self.gather = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.widen, self.narrow = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x, mask):
        tokens = int(x.shape[1])  # a constant of the exported graph
        y = self.before(x)
        ask, offer, say = (layer(y).reshape(-1, tokens, HEADS, WIDTH // HEADS).transpose(1, 2)
                           for layer in (self.ask, self.offer, self.say))
        weights = (ask @ offer.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + mask).softmax(3)
        x = x + self.gather((weights @ say).transpose(1, 2).reshape(-1, tokens, WIDTH))
        y = self.widen(self.between(x))
        return x + self.narrow(y * torch.sigmoid(1.702 * y))


class TextEncoder(nn.Module):
    """float32 (n, tokens, 128), the embeddings of the tokens, to features of the same shape."""

    def __init__(self):
        super().__init__()
        self.places = nn.Parameter(0.01 * torch.randn(TOKENS, WIDTH))
        self.blocks = nn.ModuleList(_Block() for _ in range(LAYERS))
        self.last = nn.LayerNorm(WIDTH)
        self.register_buffer("mask", torch.full((TOKENS, TOKENS), -1e4).triu(1))

    def forward(self, x):
        tokens = int(x.shape[1])  # a constant of the exported graph
        x = x + self.places[:tokens]
        for block in self.blocks:
            x = block(x, self.mask[:tokens, :tokens])
        return self.last(x)


class Clip(nn.Module):
    def __init__(self, vocabulary: int):
        super().__init__()
        self.image, self.text = ImageEncoder(), TextEncoder()
        self.table = nn.Parameter(0.02 * torch.randn(vocabulary, WIDTH))
        self.projection = nn.Parameter(WIDTH ** -0.5 * torch.randn(WIDTH, DIMENSION))
        self.scale = nn.Parameter(torch.tensor(2.66))  # the logarithm of what a cosine is multiplied by

    def encode_pictures(self, pictures):
        return F.normalize(self.image(pictures))

    def encode_texts(self, ids, ends):
        """ids (n, tokens); ends (n,): where each text's end stands."""
        features = self.text(self.table[ids])
        return F.normalize(features[torch.arange(len(ids)), ends] @ self.projection)
