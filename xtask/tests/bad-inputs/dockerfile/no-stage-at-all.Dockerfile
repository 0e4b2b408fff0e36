ARG BASE_IMAGE=ubuntu:24.04
ARG SOLVER=uv LAYERS=0 PACKAGES=wheels
RUN apt-get update
